import { describe, expect, test } from 'vitest';
import { enrol } from '#src/payments/methods/enrolment.ts';
import { findPlan } from '#src/payments/plans/plan.ts';
import { attachPlan, cancelPlan } from '#src/payments/plans/plans.ts';
import { workOnce } from '#src/work.ts';
import { cardSource, ENGINES } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import {
  aGuest,
  asViewer,
  changesNothing,
  comesBack,
  fill,
  readAfter,
  send,
  TYPED_CARD,
} from '#test/support/pages.ts';
import { textOf } from '#test/support/portal.ts';

const DAY_MS = 86_400_000;
const AGREED = { with: 'card', ...TYPED_CARD, agree: 'on' };

describe.each(ENGINES)('a payment plan on %s, without JavaScript', (engine) => {
  test('is offered on My Account and on its invoice, approved with a new card, and collected on its days', async () => {
    const guest = await planned(engine);
    const { open, visitor, scope, invoice, path } = guest;
    expect(textOf((await visitor.get('/')).text)).toContain(`Approve the payment plan for ${invoice.number}`);
    const page = textOf((await visitor.get(`/invoices/${invoice.clientId}`)).text);
    expect(page).toContain('See the payment plan');
    expect(page).toContain('offers you to pay in 3 instalments');
    const schedule = textOf((await visitor.get(path)).text);
    for (const text of ['€30.00', '€40.00', '25 Nov 2026', '25 Jan 2027']) expect(schedule).toContain(text);
    const approved = await readAfter(visitor, await send(visitor, path, path, AGREED));
    expect(approved).toContain('Running');
    expect(approved).toContain('Next: €30.00 on 25 November 2026, collected from Visa ending 4242');
    const plan = await findPlan(scope, invoice.id);
    expect(plan).toMatchObject({ state: 'active', approval: { ip: '127.0.0.1' } });
    open.clock.move(2 * DAY_MS);
    await workOnce(open.app);
    expect(open.gateway.book()).toMatchObject([{ minor: 3_000, state: 'succeeded' }]);
    const later = await comesBack(guest);
    expect(textOf((await later.get(path)).text)).toMatch(/1 25 Nov 2026 Paid/);
    const list = textOf((await later.get('/invoices')).text);
    expect(list).toContain('€70.00');
  });

  test('falls due by its instalments: My Account, the invoice and the pay form say what is due, not the whole', async () => {
    const guest = await planned(engine);
    const { open, scope, visitor, invoice, path } = guest;
    await send(visitor, path, path, AGREED);
    await visitor.post('/autopay', { action: 'off' });
    await scope.db.update('customers').set({ autopay: 0 }).execute();
    await scope.db.update('invoices').set({ autopay: 0 }).execute();
    expect(textOf((await visitor.get('/')).text)).toContain(`Next: ${invoice.number} on 25 November 2026.`);
    open.clock.move(40 * DAY_MS);
    const later = await comesBack(guest);
    const home = textOf((await later.get('/')).text);
    expect(home).toContain('€60.00 is past due.');
    expect(home).toMatch(/Not yet due 1 invoice €40.00/);
    for (const [page, due] of [
      ['/invoices/', '€60.00 of it was due on 25 November 2026'],
      ['/pay?invoice=', 'Instalments 1–2 of 3, past due since 25 November 2026. €100.00 is open.'],
    ] as const)
      expect(textOf((await later.get(`${page}${invoice.clientId}`)).text), page).toContain(due);
    expect(textOf((await later.get(path)).text)).toContain('2 instalments late');
  });

  test('says on its page and on the invoice what could not be collected, why, and what follows', async () => {
    const guest = await planned(engine);
    const { open, visitor, invoice, path } = guest;
    const failing = await savedMethod(open, guest.scope, cardSource('4000000000000069'));
    await send(visitor, path, path, { with: `m${failing}`, agree: 'on' });
    open.clock.move(2 * DAY_MS);
    await workOnce(open.app);
    const later = await comesBack(guest);
    for (const page of [path, `/invoices/${invoice.clientId}`]) {
      const text = textOf((await later.get(page)).text);
      expect(text, page).toContain('We could not collect €30.00 on 25 November 2026');
      expect(text, page).toMatch(/declined|did not/);
      expect(text, page).toContain('We try again on 28 November 2026');
      expect(text, page).not.toContain('You need not do anything');
    }
    expect(textOf((await later.get(`/invoices/${invoice.clientId}`)).text)).toContain('Pay €30.00');
  });

  test('says before the approval what a card costs on top, and what else will be collected from the same method', async () => {
    const { open, merchant, visitor, path, scope } = await planned(engine, [10_000, 700], {
      'payments.fee_percent': '2.5',
    });
    await enrol(scope, await savedMethod(open, scope, cardSource()));
    const [, other] = (await scope.db.from('invoices').select('number').orderBy('id').execute()).map(
      ({ number }) => number,
    );
    expect(merchant.settings['payments.fee_percent']).toBe('2.5');
    const page = textOf((await visitor.get(path)).text);
    expect(page).toContain(
      'With a card, a fee of 2.5% comes on top of each instalment: €30.75 for the first.',
    );
    expect(page).toContain(`${other} will be collected from what you choose here, too`);
  });

  test.each([
    ['12/26', true],
    ['01/27', false],
  ])('warns of a card that expires before the last instalment (%s: %s)', async (expiry, warns) => {
    const { visitor, path } = await planned(engine);
    const page = await readAfter(visitor, await send(visitor, path, path, { ...AGREED, expiry }));
    const warning = 'It expires before the last instalment: add your new card in time.';
    expect(page.includes(warning)).toBe(warns);
  });

  test('may be paid early; what is paid early is not collected any more, and when all is paid it is finished', async () => {
    const guest = await planned(engine);
    const { open, visitor, scope, invoice, path } = guest;
    await send(visitor, path, path, AGREED);
    const early = `/pay?invoice=${invoice.clientId}&whole=1`;
    await send(visitor, early, '/pay', { with: 'card', ...TYPED_CARD });
    expect(textOf((await visitor.get(path)).text)).toContain('Every instalment is paid. Thank you.');
    open.clock.move(90 * DAY_MS);
    await workOnce(open.app);
    expect(open.gateway.book()).toMatchObject([{ minor: 10_000 }]);
    expect((await findPlan(scope, invoice.id))?.state).toBe('finished');
  });

  test('is not approved without agreeing, by a viewer, with somebody else’s method, or when it changed meanwhile', async () => {
    const guest = await planned(engine);
    const { open, merchant, visitor, invoice, path } = guest;
    const unticked = (await fill(visitor, path, path, AGREED)).filter(([name]) => name !== 'agree');
    const shown = await changesNothing(guest, 422, () => visitor.post(path, unticked));
    expect(textOf(shown.text)).toContain('Tick this to agree to the schedule.');
    const foreign = await fill(visitor, path, path, { ...AGREED, with: 'm999' });
    await changesNothing(guest, 404, () => visitor.post(path, foreign));
    const viewer = await asViewer(guest);
    await changesNothing(guest, 403, () => viewer.post(path, unticked));
    const saved = await savedMethod(open, guest.scope, cardSource());
    const stale = await fill(visitor, path, path, { with: `m${saved}`, agree: 'on' });
    await cancelPlan(merchant, invoice.id);
    await attachPlan(merchant, invoice.id, [{ date: '2027-05-01', minor: 10_000 }]);
    const answer = await changesNothing(guest, 409, () => visitor.post(path, stale));
    expect(textOf(answer.text)).toContain('1 May 2027');
  });
});

async function planned(
  engine: (typeof ENGINES)[number],
  amounts: readonly number[] = [10_000],
  settings: Readonly<Record<string, string>> = {},
) {
  const guest = await aGuest(engine, amounts, settings);
  const invoice = guest.invoices[0]!;
  await attachPlan(guest.merchant, invoice.id, [
    { date: '2026-11-25', minor: 3_000 },
    { date: '2026-12-25', minor: 3_000 },
    { date: '2027-01-25', minor: 4_000 },
  ]);
  return { ...guest, invoice, path: `/invoices/${invoice.clientId}/plan` };
}
