import { describe, expect, test } from 'vitest';
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
    await send(visitor, `/pay?invoice=${invoice.clientId}`, '/pay', { with: 'card', ...TYPED_CARD });
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

async function planned(engine: (typeof ENGINES)[number]) {
  const guest = await aGuest(engine, [10_000]);
  const invoice = guest.invoices[0]!;
  await attachPlan(guest.merchant, invoice.id, [
    { date: '2026-11-25', minor: 3_000 },
    { date: '2026-12-25', minor: 3_000 },
    { date: '2027-01-25', minor: 4_000 },
  ]);
  return { ...guest, invoice, path: `/invoices/${invoice.clientId}/plan` };
}
