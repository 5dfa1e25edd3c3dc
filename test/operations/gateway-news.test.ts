import { describe, expect, test } from 'vitest';
import { findInvoice } from '#src/documents/invoice.ts';
import { money } from '#src/kernel/money.ts';
import { todayIn } from '#src/kernel/time.ts';
import { listDisputes } from '#src/payments/returning/disputes.ts';
import type { BankDetails, GatewayEvent, GatewayReply } from '#src/payments/gateways/gateway.ts';
import { keepInstrument, listMethods } from '#src/payments/methods/methods.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { recordMoney } from '#src/payments/outside/record.ts';
import { refundPayment } from '#src/payments/returning/refunds.ts';
import { receiveWebhook } from '#src/payments/news/webhooks.ts';
import type { CustomerScope, MerchantScope } from '#src/scope.ts';
import { workOnce } from '#src/work.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { fingerprintOf } from '#test/support/mirror.ts';
import {
  expectSoundBooks,
  ledgerSums,
  paid,
  permutations,
  refusedWithoutTrace,
} from '#test/support/money.ts';

const CLEARS: BankDetails = { holder: 'Petra', holderType: 'company', iban: 'DE89370400440532013000' };

describe.each(ENGINES)('news from a gateway on %s', (engine) => {
  test('a debit that clears is settled by its webhook; said 50 times it has one effect', async () => {
    const { house, scope, tell, invoices } = await aPlace(engine, [5_000]);
    const attemptId = await debit(scope, invoices[0]!.clientId);
    expect(await findInvoice(scope, invoices[0]!.clientId)).toMatchObject({ status: 'processing' });
    const news = { id: 'evt_1', about: 'attempt', attemptId, reply: succeeded(attemptId) } as const;
    await Promise.all(Array.from({ length: 50 }, () => tell(news)));
    expect(await findInvoice(scope, invoices[0]!.clientId)).toMatchObject({ status: 'paid' });
    expect(await scope.db.from('payments').selectAll().execute()).toHaveLength(1);
    await expectSoundBooks(house);
  });

  test('a debit that bounces opens its invoice again', async () => {
    const { house, scope, tell, invoices } = await aPlace(engine, [5_000]);
    const attemptId = await debit(scope, invoices[0]!.clientId);
    await tell({ id: 'evt_1', about: 'attempt', attemptId, reply: bounced });
    expect(await findInvoice(scope, invoices[0]!.clientId)).toMatchObject({
      status: 'open',
      pending: { minor: 0 },
    });
    await expectSoundBooks(house);
  });

  test('every order of the news about an attempt ends in the same state: money that was taken is never lost', async () => {
    const { house, merchant, tell } = await aPlace(engine, []);
    const ends = new Set<string>();
    for (const order of permutations(['processing', 'succeeded', 'declined', 'processing'] as const)) {
      const { scope, invoices } = await customerWithInvoices(merchant, [5_000]);
      const attemptId = await debit(scope, invoices[0]!.clientId);
      for (const [i, state] of order.entries()) {
        const reply = state === 'declined' ? bounced : { ...succeeded(attemptId), state };
        await tell({ id: `${attemptId} ${i}`, about: 'attempt', attemptId, reply });
      }
      const { status, balance, pending } = await findInvoice(scope, invoices[0]!.clientId);
      ends.add(JSON.stringify([status, balance.minor, pending.minor, sorted(await ledgerSums(scope))]));
    }
    expect([...ends]).toEqual(['["paid",0,0,[["cash",5000],["receivable",0],["sales",-5000]]]']);
    await expectSoundBooks(house);
  });

  test('money that was taken after all, when the invoice is paid otherwise, is credit', async () => {
    const { house, scope, tell, invoices } = await aPlace(engine, [5_000]);
    const attemptId = await debit(scope, invoices[0]!.clientId);
    await tell({ id: 'evt_1', about: 'attempt', attemptId, reply: bounced });
    await paid(scope, invoices[0]!.clientId);
    await tell({ id: 'evt_2', about: 'attempt', attemptId, reply: succeeded(attemptId) });
    expect(await ledgerSums(scope)).toMatchObject({ cash: 10_000, receivable: 0, credit_balance: -5_000 });
    await expectSoundBooks(house);
  });

  test('a debit of which nobody heard holds no more of its invoice than a transfer since has left open', async () => {
    const { house, merchant, scope, tell, invoices, faults } = await aPlace(engine, [5_000]);
    const { clientId } = invoices[0]!;
    faults.next = 'lose_answer';
    const { nonce } = await preparePayment(scope, [clientId]);
    const { attemptId } = await payInvoices(scope, {
      nonce,
      seen: new Map([[clientId, 5_000]]),
      with: { kind: 'bank_account', account: CLEARS },
    });
    await recordTransfer(merchant, scope, 3_000);
    await tell({
      id: 'evt_1',
      about: 'attempt',
      attemptId,
      reply: { ...succeeded(attemptId), state: 'processing' },
    });
    expect(await findInvoice(scope, clientId)).toMatchObject({
      status: 'processing',
      balance: { minor: 2_000 },
      pending: { minor: 2_000 },
    });
    await expectSoundBooks(house);
    await tell({ id: 'evt_2', about: 'attempt', attemptId, reply: succeeded(attemptId) });
    expect(await findInvoice(scope, clientId)).toMatchObject({ status: 'paid', pending: { minor: 0 } });
    expect(await ledgerSums(scope)).toMatchObject({ cash: 8_000, receivable: 0, credit_balance: -3_000 });
    await expectSoundBooks(house);
  });

  test('a refund is settled by its webhook, and a later return by the bank takes it out of the books again', async () => {
    const { house, merchant, scope, tell, invoices, faults } = await aPlace(engine, [5_000]);
    const payment = await paid(scope, invoices[0]!.clientId);
    faults.next = 'lose_answer';
    await refundPayment(merchant, { nonce: 'r1', paymentId: payment.id });
    const reply = { state: 'succeeded', gatewayRefundId: 're_1' } as const;
    await tell({ id: 'evt_1', about: 'refund', refundId: 'r1', reply });
    expect(await ledgerSums(scope)).toMatchObject({ cash: 0, adjustments: 5_000 });
    await tell({
      id: 'evt_2',
      about: 'refund',
      refundId: 'r1',
      reply: { state: 'failed', message: 'closed' },
    });
    expect(await ledgerSums(scope)).toMatchObject({ cash: 5_000, adjustments: 0 });
    await expectSoundBooks(house);
  });

  test.each([
    ['won', '{"state":"won"},0,[["cash",5000],["disputed",0],'],
    ['lost', '{"state":"lost"},1,[["bad_debt",5000],["cash",0],["disputed",0],'],
  ] as const)(
    'every order of the news about a dispute that is %s ends in the same state',
    async (final, books) => {
      const { house, merchant, tell } = await aPlace(engine, []);
      const ends = new Set<string>();
      for (const order of permutations(['open', final, 'open', final] as const)) {
        const { scope, invoices } = await customerWithInvoices(merchant, [5_000]);
        const { gateway_payment_id: gatewayPaymentId } = await paid(scope, invoices[0]!.clientId);
        for (const [i, state] of order.entries()) {
          const id = `${gatewayPaymentId} ${i}`;
          await tell({
            ...dispute(gatewayPaymentId!, state),
            id,
            gatewayDisputeId: `dp ${gatewayPaymentId}`,
          });
        }
        const [{ disputed } = { disputed: 0 }] = await scope.db.from('payments').selectAll().execute();
        const [row] = await scope.db.from('disputes').select('state').execute();
        ends.add(JSON.stringify([row, disputed, sorted(await ledgerSums(scope))]));
      }
      expect([...ends]).toEqual([expect.stringContaining(books)]);
      await expectSoundBooks(house);
    },
  );

  test('a dispute is marked on the payment, stops refunds, is listed, and opens no invoice', async () => {
    const { house, merchant, scope, tell, invoices } = await aPlace(engine, [5_000]);
    const payment = await paid(scope, invoices[0]!.clientId);
    await tell(dispute(payment.gateway_payment_id!, 'open'));
    expect(await ledgerSums(scope)).toMatchObject({ cash: 0, disputed: 5_000, receivable: 0 });
    expect(await listDisputes(merchant)).toMatchObject([
      {
        gatewayId: 'dp_1',
        payment: payment.number,
        state: 'open',
        amount: { minor: 5_000 },
        reason: 'fraud',
      },
    ]);
    await refusedWithoutTrace(house, merchant, 'not_refundable', () =>
      refundPayment(merchant, { nonce: 'r1', paymentId: payment.id }),
    );
    await tell({ ...dispute(payment.gateway_payment_id!, 'lost'), id: 'evt_2' });
    await refusedWithoutTrace(house, merchant, 'not_refundable', () =>
      refundPayment(merchant, { nonce: 'r1', paymentId: payment.id }),
    );
    expect(await findInvoice(scope, invoices[0]!.clientId)).toMatchObject({ status: 'paid' });
    await expectSoundBooks(house);
  });

  test('news about what is not here yet is parked, and taken in once it is', async () => {
    const { house, scope, tell, invoices, faults, merchant } = await aPlace(engine, [5_000]);
    faults.next = 'lose_answer';
    const { nonce } = await preparePayment(scope, []);
    const seen = new Map([[invoices[0]!.clientId, 5_000]]);
    const { attemptId } = await payInvoices(scope, { nonce, seen, with: cardSource() });
    faults.next = undefined;
    await tell(dispute(`test_${attemptId}`, 'open'));
    expect(await parked(merchant)).toEqual(['parked']);
    house.clock.move(61_000);
    await workOnce(house.app);
    expect(await parked(merchant)).toEqual(['handled']);
    expect(await ledgerSums(scope)).toMatchObject({ cash: 0, disputed: 5_000, receivable: 0 });
    await expectSoundBooks(house);
  });

  test('news about what never was here is given up after three days', async () => {
    const { house, merchant, tell } = await aPlace(engine, []);
    await tell({ id: 'evt_1', about: 'attempt', attemptId: 'nobody', reply: bounced });
    await tell({ id: 'evt_2', about: 'refund', refundId: 'nobody', reply: { state: 'failed', message: '' } });
    await tell({
      id: 'evt_3',
      about: 'instrument',
      gatewayId: 'nobody',
      state: 'removed',
      reason: undefined,
    });
    await tell({ id: 'evt_4', about: 'nothing' });
    expect(await parked(merchant)).toEqual(['parked', 'parked', 'parked', 'handled']);
    for (let hours = 0; hours <= 73; hours += 1) {
      house.clock.move(3_600_000);
      await workOnce(house.app);
    }
    expect(await parked(merchant)).toEqual(['given up', 'given up', 'given up', 'handled']);
    expect(
      await merchant.db.from('gateway_events').select('look_at').where('look_at', 'is not', null).execute(),
    ).toEqual([]);
  });

  test('a bank account that was confirmed can be used, one that failed or was removed can not, in any order', async () => {
    const { merchant, tell } = await aPlace(engine, []);
    const states = ['usable', 'failed', 'removed'] as const;
    for (const [at, order] of permutations(states).entries()) {
      const { scope } = await customerWithInvoices(merchant, []);
      const gatewayId = `ba_${at}`;
      const label = 'Bank account ending 6789';
      const kind = 'bank_account' as const;
      await keepInstrument(scope, 'test', { gatewayId, kind, state: 'verifying', last4: '6789', label });
      for (const [i, state] of order.entries())
        await tell({ id: `${at} ${i}`, about: 'instrument', gatewayId, state, reason: undefined });
      expect(await listMethods(scope)).toEqual([]);
    }
    const { scope } = await customerWithInvoices(merchant, []);
    const account = {
      gatewayId: 'ba_x',
      kind: 'bank_account',
      state: 'verifying',
      last4: '1',
      label: '',
    } as const;
    await keepInstrument(scope, 'test', account);
    await tell({ id: 'x', about: 'instrument', gatewayId: 'ba_x', state: 'usable', reason: undefined });
    expect(await listMethods(scope)).toMatchObject([{ state: 'usable', is_default: 1 }]);
    await tell({ id: 'y', about: 'instrument', gatewayId: 'ba_x', state: 'failed', reason: 'closed' });
    expect(await listMethods(scope)).toMatchObject([
      { state: 'failed', is_default: 0, failure_reason: 'closed' },
    ]);
  });

  test('a forged, changed, stale or unreadable webhook, or one for another tenant, is refused with nothing written', async () => {
    const { house, merchant, invoices, scope } = await aPlace(engine, [5_000]);
    const attemptId = await debit(scope, invoices[0]!.clientId);
    const now = house.clock.now().epochMilliseconds;
    const news: GatewayEvent = { id: 'e', about: 'attempt', attemptId, reply: succeeded(attemptId) };
    const { headers, body } = house.gateway.webhook(merchant.tenant.id, news, now);
    const other = await house.tenant('globex');
    const changed = Buffer.from(body.toString().replace('succeeded', 'processing'));
    const forgeries = [
      { headers: {}, body, now },
      { headers: { 'x-test-signature': `${now}.${'0'.repeat(64)}` }, body, now },
      { headers, body: changed, now },
      { headers, body: Buffer.concat([body, Buffer.from(' ')]), now },
      { headers, body, now: now + 300_001 },
      { headers, body, now: now - 300_001 },
      { ...house.gateway.webhook(other.tenant.id, news, now), now },
    ];
    for (const forged of forgeries)
      await refusedWithoutTrace(house, merchant, 'bad_webhook', () =>
        receiveWebhook(merchant, 'test', forged),
      );
    await refusedWithoutTrace(house, merchant, 'no_gateway', () =>
      receiveWebhook(merchant, 'toString', { headers, body, now }),
    );
    const live = { ...merchant, tenant: { ...merchant.tenant, mode: 'live' as const } };
    await refusedWithoutTrace(house, merchant, 'test_gateway_live', () =>
      receiveWebhook(live, 'test', { headers, body, now }),
    );
    const before = await fingerprintOf(house, other.tenant.id);
    await receiveWebhook(merchant, 'test', { headers, body, now });
    expect(await fingerprintOf(house, other.tenant.id)).toBe(before);
  });
});

const bounced: GatewayReply = { state: 'declined', code: 'bank_debit_failed', message: 'returned' };

function succeeded(attemptId: string) {
  const methodLabel = 'Bank account ending 3000';
  return { state: 'succeeded', gatewayPaymentId: `test_${attemptId}`, methodLabel } as const;
}

function dispute(gatewayPaymentId: string, state: 'open' | 'won' | 'lost') {
  const amount = money(5_000, 'EUR');
  return {
    id: 'evt_1',
    about: 'dispute',
    gatewayPaymentId,
    gatewayDisputeId: 'dp_1',
    amount,
    state,
    reason: 'fraud',
  } as const;
}

async function aPlace(engine: (typeof ENGINES)[number], amounts: number[]) {
  const faults: { next: 'lose_answer' | 'lose_request' | undefined } = { next: undefined };
  const house = await openHouse(engine, { fault: () => faults.next });
  const merchant = await house.tenant();
  const { scope, invoices } = await customerWithInvoices(merchant, amounts);
  const tell = async (event: GatewayEvent): Promise<void> => {
    const now = house.clock.now().epochMilliseconds;
    const request = house.gateway.webhook(merchant.tenant.id, event, now);
    await receiveWebhook(merchant, 'test', { ...request, now });
  };
  return { house, merchant, scope, invoices, tell, faults };
}

/** A debit that is on its way; answers the attempt's id. */
async function debit(scope: CustomerScope, clientId: string): Promise<string> {
  const { nonce, invoices } = await preparePayment(scope, [clientId]);
  const { state, attemptId } = await payInvoices(scope, {
    nonce,
    seen: new Map([[clientId, invoices[0]!.left.minor]]),
    with: { kind: 'bank_account', account: CLEARS },
  });
  expect(state).toBe('processing');
  return attemptId;
}

async function recordTransfer(merchant: MerchantScope, scope: CustomerScope, minor: number): Promise<void> {
  await recordMoney(merchant, {
    customerId: scope.customerId,
    amount: money(minor, 'EUR'),
    date: todayIn(scope.clock, 'Europe/Berlin').toString(),
    method: 'wire_transfer',
    methodLabel: 'Bank transfer',
    towards: [],
  });
}

async function parked(merchant: MerchantScope): Promise<Array<string | null>> {
  const rows = await merchant.db.from('gateway_events').select('outcome').orderBy('id').execute();
  return rows.map(({ outcome }) => outcome);
}

function sorted(sums: Record<string, number>): Array<[string, number]> {
  return Object.entries(sums).toSorted(([a], [b]) => a.localeCompare(b));
}
