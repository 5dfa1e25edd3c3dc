import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import type { GatewayReply, RefundReply } from '#src/payments/gateways/gateway.ts';
import { money } from '#src/kernel/money.ts';
import { settleDispute } from '#src/payments/returning/disputes.ts';
import { refundPayment, settleRefund } from '#src/payments/returning/refunds.ts';
import { settle } from '#src/payments/taking/settle.ts';
import type { CustomerScope, MerchantScope } from '#src/scope.ts';
import { customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { expectSoundBooks, ledgerSums, paid } from '#test/support/money.ts';
import { aPlace } from './histories.ts';
import { Person } from './person.ts';

test.each(ENGINES)('any order of the same news of a debit ends in the same state, on %s', async (engine) => {
  const place = await aPlace(engine);
  const finals: GatewayReply[] = [
    { state: 'succeeded', gatewayPaymentId: '', methodLabel: 'Bank account ending 3000' },
    { state: 'declined', code: 'bank_debit_failed', message: 'returned' },
  ];
  await fc.assert(
    fc.asyncProperty(
      fc
        .constantFrom(...finals)
        .chain((final) => fc.tuple(fc.constant(final), fc.shuffledSubarray(newsOf(final), { minLength: 4 }))),
      async ([final, news]) => {
        const person = await Person.meet(place, [5_000]);
        place.faults.next = 'lose_request';
        const attemptId = await person.pay([0], 100, 'clears');
        for (const one of news) {
          const told = 'gatewayPaymentId' in one ? { ...one, gatewayPaymentId: `test_${attemptId}` } : one;
          await settle(person.scope, attemptId!, told);
        }
        const [invoice] = await person.scope.db
          .from('invoices')
          .select(['balance_minor', 'pending_minor'])
          .execute();
        const balance = final.state === 'succeeded' ? 0 : 5_000;
        expect(invoice).toEqual({ pending_minor: 0, balance_minor: balance });
      },
    ),
    { numRuns: 40 },
  );
  const broken = (await checkDatabase(place.house.app.ports.store)).filter(
    ({ violations }) => violations.length > 0,
  );
  expect(broken).toEqual([]);
});

test.each(ENGINES)(
  'any order of the same news of refunds and disputes ends in the same state, on %s',
  async (engine) => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('won', 'lost'),
        fc.boolean(),
        fc.infiniteStream(fc.nat(1_000_000)),
        async (end, failed, dice) => {
          const inOrder = await booksAfter(merchant, `a${count}`, end, failed, (news) => news);
          const shuffled = await booksAfter(merchant, `b${count++}`, end, failed, (news) =>
            shuffledBy(dice, news),
          );
          expect(shuffled).toEqual(inOrder);
        },
      ),
      { numRuns: 20 },
    );
    await expectSoundBooks(house);
  },
);

type News = (scope: CustomerScope) => Promise<unknown>;

/** A payment of 100.00, of which 20.00 are given back and 30.00 disputed; what the books say once all the news has come, each piece twice. */
async function booksAfter(
  merchant: MerchantScope,
  name: string,
  end: 'won' | 'lost',
  failed: boolean,
  ordered: (news: News[]) => News[],
): Promise<unknown> {
  const { scope, invoices } = await customerWithInvoices(merchant, [10_000], name);
  const payment = await paid(scope, invoices[0]!.clientId);
  const silent = { ...merchant.gateways['test']!, refund: () => Promise.reject(new Error('lost')) };
  const nonce = `refund of ${name}`;
  const order = { nonce, paymentId: payment.id, amount: money(2_000, 'EUR') };
  await refundPayment({ ...merchant, gateways: { test: silent } }, order);
  const refund =
    (reply: RefundReply): News =>
    () =>
      settleRefund(scope, nonce, reply);
  const dispute =
    (state: 'open' | 'won' | 'lost'): News =>
    () =>
      settleDispute(merchant, 'test', {
        id: `${name}-${state}`,
        about: 'dispute',
        gatewayPaymentId: payment.gateway_payment_id!,
        gatewayDisputeId: `dispute of ${name}`,
        amount: money(3_000, 'EUR'),
        state,
        reason: 'fraudulent',
      });
  const news = [
    refund({ state: 'submitted', gatewayRefundId: nonce }),
    refund({ state: 'succeeded', gatewayRefundId: nonce }),
    ...(failed ? [refund({ state: 'failed', message: 'The bank returned it.' })] : []),
    dispute('open'),
    dispute(end),
  ];
  for (const one of ordered([...news, ...news])) await one(scope);
  const { state, refunded_minor } = await scope.db
    .from('payments')
    .select(['state', 'refunded_minor'])
    .executeTakeFirstOrThrow();
  const disputes = await scope.db.from('disputes').select('state').execute();
  const refunds = await scope.db.from('refunds').select('state').execute();
  const sums = Object.entries(await ledgerSums(scope)).filter(([, minor]) => minor !== 0);
  return { state, refunded_minor, disputes, refunds, sums: Object.fromEntries(sums) };
}

function shuffledBy<Item>(dice: Iterator<number>, items: readonly Item[]): Item[] {
  const weighed = items.map((item) => [Number(dice.next().value), item] as const);
  return weighed.toSorted(([a], [b]) => a - b).map(([, item]) => item);
}

/** What a gateway may say of a debit, each twice. */
function newsOf(final: GatewayReply): GatewayReply[] {
  const under = { gatewayPaymentId: '', methodLabel: 'Bank account ending 3000' };
  return [{ state: 'processing', ...under }, { state: 'processing', ...under }, final, final];
}
