import { describe, expect, test } from 'vitest';
import type { Engine } from '#db/migrations/migration.ts';
import { enrol } from '#src/payments/methods/enrolment.ts';
import { upcomingCollections } from '#src/payments/collecting/collections.ts';
import { findPlan } from '#src/payments/plans/plan.ts';
import { approvePlan, attachPlan } from '#src/payments/plans/plans.ts';
import { cardSource, ENGINES } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { aGuest, changesNothing, comesBack, fill, readAfter, send, TYPED_CARD } from '#test/support/pages.ts';
import { textOf, type Visitor } from '#test/support/portal.ts';

const DAY_MS = 86_400_000;
const EVIDENCE = { ip: '203.0.113.7', userAgent: 'Firefox' };

// The clock stands at 11:00 in Berlin on 23 November 2026.
describe.each(ENGINES)('an invoice with an agreed plan on %s, without JavaScript', (engine) => {
  test('says so wherever it is shown, with what is due next and the whole schedule', async () => {
    const { visitor, invoice, number } = await planned(engine, [5_000]);
    const page = await read(visitor, `/invoices/${invoice.clientId}`);
    for (const text of [
      'Payment plan €100.00 €30.00 of it is due on 25 November 2026',
      'Pay €30.00',
      'Pay all of it early',
      'Terms Payment plan',
      'Next instalment 25 Nov 2026',
      'Open €100.00',
      'Due 25 Nov 2026 €30.00',
      'Payment schedule',
      '25 Jan 2027',
      '€40.00',
    ])
      expect(page).toContain(text);
    expect(page).not.toContain('Balance due');
    const list = await read(visitor, '/invoices');
    expect(list).toMatch(new RegExp(`${number} .*Payment plan .*€100\\.00 €30\\.00 due`));
    expect(list).toContain('Balance €150.00 €100.00 of it in later instalments');
    expect(await read(visitor, '/invoices?status=payment_plan')).toContain(`${number} `);
    expect(await read(visitor, '/invoices?status=payment_plan')).not.toContain('INV-0002');
    expect((await visitor.get('/invoices')).text).toContain('data-minor="3000"');
    const home = await read(visitor, '/');
    for (const text of [
      'Balance due €50.00',
      '€100.00 more in later instalments',
      `Payment plan ${number} €100.00 left, next €30.00 on 25 November 2026`,
    ])
      expect(home).toContain(text);
  });

  test('asks for the next instalment when it is paid, and for all of it where somebody wants to pay early', async () => {
    const { visitor, invoice, scope } = await planned(engine, [], { 'payments.partial': 'off' });
    const path = `/pay?invoice=${invoice.clientId}`;
    const page = await visitor.get(path);
    for (const text of ['Instalment 1 of 3, due on 25 November 2026', '€100.00 is open', 'Pay €30.00'])
      expect(textOf(page.text)).toContain(text);
    expect(page.text).toContain('value="30.00"');
    const early = await visitor.get(`${path}&whole=1`);
    expect(early.text).toContain('value="100.00"');
    expect(textOf(early.text)).toContain('Pay €100.00');
    const receipt = await readAfter(
      visitor,
      await send(visitor, path, '/pay', { with: 'card', ...TYPED_CARD }),
    );
    expect(receipt).toContain('€70.00 left, next €30.00 on 25 December 2026');
    expect(await findPlan(scope, invoice.id)).toMatchObject({ balance: { minor: 7_000 } });
  });

  test('together with others asks for its instalment and for all of them, and pays just that', async () => {
    const { open, visitor, invoices } = await planned(engine, [5_000], { 'payments.partial': 'off' });
    const path = `/pay?${invoices.map(({ clientId }) => `invoice=${clientId}`).join('&')}`;
    expect(await read(visitor, path)).toContain('Pay €80.00');
    await send(visitor, path, '/pay', { with: 'card', ...TYPED_CARD });
    expect(open.gateway.book().map(({ minor }) => minor)).toEqual([8_000]);
  });

  test('whose instalment is late is late with that part alone, on My Account too', async () => {
    const guest = await planned(engine, []);
    guest.open.clock.move(3 * DAY_MS);
    const visitor = await comesBack(guest);
    const home = await read(visitor, '/');
    for (const text of ['Balance due €30.00', '1 invoice is past due', '€30.00 is past due'])
      expect(home).toContain(text);
    expect(await read(visitor, '/invoices')).toContain('Payment plan, 1 day late');
    expect(await read(visitor, '/invoices?status=past_due')).toContain(guest.number);
    expect(await read(visitor, '/pay')).toContain('Instalment 1 of 3, past due since 25 November 2026');
  });

  test('goes on when AutoPay is turned off, which asks; and stops only where it is asked to', async () => {
    for (const plans of ['keep', 'stop']) {
      const { open, visitor, scope, invoice, number, agree } = await offered(engine, [5_000]);
      const methodId = await savedMethod(open, scope, cardSource());
      await enrol(scope, methodId);
      await agree(methodId);
      const page = await read(visitor, '/autopay');
      expect(page).toContain(`Keep collecting the payment plan for ${number} from Visa ending 4242`);
      const form = await fill(visitor, '/autopay', '/autopay', { action: 'off' });
      const off = form.filter(([name]) => name === 'action').slice(0, 1);
      const after = await readAfter(
        visitor,
        await visitor.post('/autopay', [
          ...off,
          ...(plans === 'keep' ? [] : [['plans', plans] as [string, string]]),
        ]),
      );
      expect(after).toContain('AutoPay is off');
      const upcoming = (await upcomingCollections(scope)).map(({ invoiceId, methodId: from }) => [
        invoiceId,
        from,
      ]);
      expect(new Set(upcoming.map(String))).toEqual(
        new Set(plans === 'keep' ? [String([invoice.id, methodId])] : []),
      );
      expect(after).toContain(
        plans === 'keep' ? `The payment plan for ${number} goes on` : 'Nothing is collected any more.',
      );
    }
  });

  test('takes no less than its instalment, unless the merchant takes parts', async () => {
    const guest = await planned(engine, [], { 'payments.partial': 'off' });
    const { visitor, invoice } = guest;
    const form = await fill(visitor, `/pay?invoice=${invoice.clientId}`, '/pay', {
      with: 'card',
      ...TYPED_CARD,
      part: '29.99',
    });
    const answer = await changesNothing(guest, 422, () => visitor.post('/pay', form));
    expect(textOf(answer.text)).toContain('€30.00');
  });
});

async function read(visitor: Visitor, path: string): Promise<string> {
  return textOf((await visitor.get(path)).text);
}

async function planned(
  engine: Engine,
  others: readonly number[],
  settings: Readonly<Record<string, string>> = {},
) {
  const guest = await offered(engine, others, settings);
  await guest.agree();
  return guest;
}

async function offered(
  engine: Engine,
  others: readonly number[],
  settings: Readonly<Record<string, string>> = {},
) {
  const guest = await aGuest(engine, [10_000, ...others], settings);
  const invoice = guest.invoices[0]!;
  const plan = await attachPlan(guest.merchant, invoice.id, [
    { date: '2026-11-25', minor: 3_000 },
    { date: '2026-12-25', minor: 3_000 },
    { date: '2027-01-25', minor: 4_000 },
  ]);
  const agree = (methodId?: number) =>
    approvePlan(guest.scope, { invoiceId: invoice.id, hash: plan.hash, methodId, ...EVIDENCE });
  return { ...guest, invoice, number: invoice.number, agree };
}
