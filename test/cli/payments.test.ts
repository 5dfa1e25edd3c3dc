import { describe, expect, test } from 'vitest';
import { money } from '#src/kernel/money.ts';
import { receiveWebhook } from '#src/payments/news/webhooks.ts';
import { settleDispute } from '#src/payments/returning/disputes.ts';
import { payInAdvance } from '#src/payments/taking/pay.ts';
import { customerScope } from '#src/scope.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { portalIn } from '#test/support/in-process.ts';
import { expectSoundBooks, paid, withSettings } from '#test/support/money.ts';

describe.each(ENGINES)('payments at the command line on %s', (engine) => {
  test('money from outside is recorded, shown, given back in part and voided', async () => {
    const { house, json, portal } = await aTenant(engine, [10_000, 2_000]);
    const recorded = await json(
      'payment record acme CUST-00001 110 --to INV-0001=95.00 --to INV-0002 --method check --date 2026-11-20 --reference 4711 --notes Thanks',
    );
    expect(recorded).toMatchObject({
      object: 'payment',
      number: 'R-00001',
      currency: 'eur',
      amount: 110,
      method: 'check',
      method_label: 'Check',
      reference: '4711',
      notes: 'Thanks',
      status: 'paid',
      gateway: null,
      applied_to: [
        { type: 'invoice', invoice: 1, amount: 95 },
        { type: 'invoice', invoice: 2, amount: 15 },
      ],
    });
    const shown = await portal('payment show acme R-00001');
    expect(shown.stdout).toMatch(/Status +paid\n[\s\S]*INV-0001 +€95\.00\nINV-0002 +€15\.00/);
    expect(await json('payment void acme R-00001')).toMatchObject({ status: 'voided', voided: true });
    expect(await json('invoice show acme INV-0001')).toMatchObject({ balance: 100, paid: false });
    await json('payment record acme CUST-00001 130');
    expect(await json('payment refund acme R-00002 30 --key k1 --reason kindness')).toEqual({
      id: 1,
      object: 'refund',
      currency: 'eur',
      amount: 30,
      status: 'succeeded',
      failure_message: null,
    });
    expect((await portal('payment refund acme R-00002 30 --key k1')).stdout).toBe(
      'Gave back €30.00 of payment R-00002.\n',
    );
    expect(await json('payment show acme R-00002')).toMatchObject({
      status: 'part_refunded',
      amount_refunded: 30,
      applied_to: [{ type: 'invoice' }, { type: 'invoice' }, { type: 'credit', amount: 10 }],
      refunds: [{ amount: 30, status: 'succeeded', reason: 'kindness' }],
    });
    const cannotVoid = async () => (await portal('payment void acme R-00002')).stderr;
    expect(await cannotVoid()).toContain('Payment R-00002 was given back in part');
    await json('payment refund acme R-00002 100 --key k2');
    expect(await cannotVoid()).toContain('Payment R-00002 was given back already');
    expect(await json('payment list acme')).toMatchObject([{ status: 'voided' }, { status: 'refunded' }]);
    expect(await json('payment list acme --limit 1')).toHaveLength(1);
    await expectSoundBooks(house);
  });

  test('a command with a key that is given twice does its work once, and the key is good for no other', async () => {
    const { json, portal, house } = await aTenant(engine, [10_000]);
    const record = 'payment record acme CUST-00001 30 --key line-4';
    expect(await json(record)).toEqual(await json(record));
    expect(await json('payment list acme')).toHaveLength(1);
    const adjust = 'credit adjust acme CUST-00001 --add 5 --key line-4';
    expect(await json(adjust)).toEqual(await json(adjust));
    expect(await json('credit show acme CUST-00001')).toMatchObject({
      balances: [{ credit_balance: 5, being_returned: 0 }],
    });
    for (const line of [record.replace('30', '31'), adjust.replace('--add', '--take')])
      expect(await portal(line)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('with the key “line-4”'),
      });
    await expectSoundBooks(house);
  });

  test('credit that a dispute keeps is told apart from what can be used', async () => {
    const { json, portal, house, merchant, scope } = await aTenant(engine, [10_000]);
    const settings = { 'payments.advance': 'on' };
    const { customerId } = scope;
    const advancing = customerScope(await withSettings(house, merchant, settings), customerId);
    const amount = money(5_000, 'EUR');
    await payInAdvance(advancing, { nonce: 'adv', amount, with: cardSource() });
    await json('credit adjust acme CUST-00001 --add 7');
    const payment = await scope.db.from('payments').selectAll().executeTakeFirstOrThrow();
    const about = { gatewayPaymentId: payment.gateway_payment_id!, gatewayDisputeId: 'dp_1', amount };
    const news = { id: 'evt_1', about: 'dispute', state: 'open', reason: undefined } as const;
    await settleDispute(merchant, 'test', { ...news, ...about });
    expect(await json('credit show acme CUST-00001')).toMatchObject({
      balances: [{ available_credits: 7, credit_balance: 57, being_returned: 50 }],
    });
    expect((await portal('credit show acme CUST-00001')).stdout).toMatch(/Going back +€50\.00, to whoever/);
    expect(await json('customer show acme CUST-00001')).toMatchObject({
      balances: [{ available_credits: 7 }],
    });
    const shown = (await portal('customer show acme CUST-00001')).stdout;
    expect(shown).toContain('€7.00 credit, €50.00 going back');
    expect((await portal('credit adjust acme CUST-00001 --take 7.01')).stderr).toContain('Only €7.00');
    await expectSoundBooks(house);
  });

  test('what cannot be is refused with the reason and the exit code 1', async () => {
    const { portal, scope, invoices } = await aTenant(engine, [10_000]);
    await paid(scope, invoices[0]!.clientId);
    for (const [line, said] of [
      ['payment void acme R-00001', /taken by a gateway, so it can only be refunded/],
      ['payment refund acme R-00001 100.01', /has only €100\.00 left to give back/],
      ['payment refund acme R-00001 1.001', /is not an amount/],
      ['payment record acme CUST-00001 5 --to INV-0001=5', /more than is left on invoice INV-0001/],
      ['payment record acme CUST-00001 5 --date soon', /is not a date/],
      ['invoice void acme INV-0001', /is paid, wholly or in part/],
      ['promise add acme INV-0001 2026-01-01', /must be today or later/],
    ] as const) {
      const { code, stdout, stderr } = await portal(line);
      expect.soft({ code, stdout }, line).toEqual({ code: 1, stdout: '' });
      expect.soft(stderr, line).toMatch(said);
    }
    for (const line of ['payment refund acme R-00001 -5', 'payment record acme CUST-00001 lots'])
      expect.soft((await portal(line)).code, line).toBe(2);
  });

  test('an unpaid invoice is voided, and a promise is noted and listed', async () => {
    const { json, portal, house } = await aTenant(engine, [10_000, 2_000]);
    const day = Temporal.Now.plainDateISO().add({ days: 7 }).toString();
    expect(await json(`promise add acme INV-0002 ${day} --reference TRF-7 --notes tomorrow`)).toMatchObject({
      object: 'promise',
      invoice_number: 'INV-0002',
      method: 'wire_transfer',
      reference: 'TRF-7',
      made_by: 'merchant',
      status: 'open',
    });
    expect((await portal('promise list acme --state open')).stdout).toMatch(
      /INV-0002.*TRF-7 +merchant +open/,
    );
    expect((await portal('invoice void acme INV-0002')).stdout).toBe('Invoice INV-0002 is void.\n');
    expect(await json('promise list acme')).toMatchObject([{ status: 'withdrawn' }]);
    expect(await json('invoice show acme INV-0002')).toMatchObject({ status: 'voided', balance: 0 });
    await expectSoundBooks(house);
  });

  test('disputes are listed with what the bank said', async () => {
    const { json, portal, house, merchant, scope, invoices } = await aTenant(engine, [10_000]);
    expect(await json('dispute list acme')).toEqual([]);
    const { gateway_payment_id: gatewayPaymentId } = await paid(scope, invoices[0]!.clientId);
    const now = house.clock.now().epochMilliseconds;
    const news = house.gateway.webhook(
      merchant.tenant.id,
      {
        id: 'evt_1',
        about: 'dispute',
        gatewayPaymentId: gatewayPaymentId!,
        gatewayDisputeId: 'dp_1',
        amount: { minor: 10_000, currency: 'EUR' },
        state: 'open',
        reason: 'not received',
      },
      now,
    );
    await receiveWebhook(merchant, 'test', { ...news, now });
    expect(await json('dispute list acme --limit 1')).toMatchObject([
      { object: 'dispute', gateway_id: 'dp_1', payment: 'R-00001', amount: 100, status: 'open' },
    ]);
    expect((await portal('dispute list acme')).stdout).toMatch(/R-00001.*open +not received +€100\.00/);
    expect((await portal('payment show acme R-00001')).stdout).toMatch(/Status +disputed/);
  });
});

async function aTenant(engine: (typeof ENGINES)[number], amounts: number[]) {
  const house = await openHouse(engine);
  const merchant = await house.tenant('acme');
  const { scope, invoices } = await customerWithInvoices(merchant, amounts);
  const run = portalIn(house);
  const portal = (line: string) => run(line.split(' '));
  const json = async (line: string): Promise<unknown> => {
    const { code, stdout, stderr } = await portal(`${line} --json`);
    expect({ code, stderr }, line).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  };
  return { house, merchant, scope, invoices, portal, json };
}
