import { todayIn } from '../../kernel/time.ts';
import { post } from '../../ledger/ledger.ts';
import type { CustomerScope } from '../../scope.ts';
import { returnableBalance } from '../credit/holds.ts';

/*
 * What money that goes back does to the books. The cash that leaves with a refund stands against, in this order: the credit that the payment
 * left and that is still there (an advance payment, a deposit, an overpayment), then `adjustments` (what the customer keeps having without
 * having paid for it, because a refund opens no invoice), and last the convenience fee. What a bank took back for good takes that credit too.
 */

interface GivenBack {
  readonly id: number;
  readonly payment_id: number;
  readonly currency: string;
}

/** Books money given back (or, negative, returned by the bank) with the payment's sum, in the caller's transaction. */
export async function bookRefund(scope: CustomerScope, refund: GivenBack, minor: number): Promise<void> {
  const payment = await paymentOf(scope, refund.payment_id);
  const total = payment.refunded_minor + minor;
  await scope.db
    .update('payments')
    .set({ refunded_minor: total })
    .where('id', '=', refund.payment_id)
    .execute();
  const fees =
    Math.max(0, total - payment.amount_minor) - (await postedBefore(scope, refund.payment_id, 'fees'));
  const credit = await creditPart(scope, refund, minor - fees);
  await post(scope, {
    kind: 'refund',
    currency: refund.currency,
    date: todayIn(scope.clock, scope.tenant.timeZone).toString(),
    paymentId: refund.payment_id,
    refundId: refund.id,
    postings: [
      { account: 'cash', minor: -minor },
      { account: 'credit_balance', minor: credit },
      { account: 'adjustments', minor: minor - fees - credit },
      { account: 'fees', minor: fees },
    ],
  });
}

/**
 * How much of `minor`, which just went back of a payment (or, negative, was returned) and stands in its refunds or lost disputes, goes against
 * the customer's credit: what the payment left, as far as it is there, and never the deposit that another payment left.
 */
export async function creditPart(
  scope: CustomerScope,
  { payment_id: paymentId, currency }: Pick<GivenBack, 'payment_id' | 'currency'>,
  minor: number,
): Promise<number> {
  const gone = await wentBack(scope, paymentId);
  const due = Math.min(gone, await creditLeftBy(scope, paymentId));
  const wanted = due - (await postedBefore(scope, paymentId, 'credit_balance'));
  if (minor < 0) return Math.max(minor, Math.min(0, wanted));
  return Math.max(0, Math.min(minor, wanted, await returnableBalance(scope, currency, paymentId)));
}

/** What went back of a payment for good, without its fee. */
async function wentBack(scope: CustomerScope, paymentId: number): Promise<number> {
  const { amount_minor: amount, refunded_minor: refunded } = await paymentOf(scope, paymentId);
  const lost = await scope.db
    .from('disputes')
    .select('amount_minor')
    .where('payment_id', '=', paymentId)
    .where('state', '=', 'lost')
    .execute();
  return Math.min(refunded, amount) + sumOf(lost);
}

/** What the payment left on the customer's account as credit. */
async function creditLeftBy(scope: CustomerScope, paymentId: number): Promise<number> {
  const rows = await scope.db
    .from('payment_applications')
    .select('amount_minor')
    .where('payment_id', '=', paymentId)
    .where('kind', 'in', ['credit', 'estimate'])
    .execute();
  return sumOf(rows);
}

/** What refunds and lost disputes of the payment have booked so far. */
async function postedBefore(
  scope: CustomerScope,
  paymentId: number,
  account: 'fees' | 'credit_balance',
): Promise<number> {
  const rows = await scope.db
    .from('journal')
    .innerJoin(scope.db.rows('postings'), 'postings.journal_id', 'journal.id')
    .select('postings.amount_minor')
    .where('journal.payment_id', '=', paymentId)
    .where('journal.kind', 'in', ['refund', 'write_off'])
    .where('postings.account', '=', account)
    .execute();
  return sumOf(rows);
}

function paymentOf(scope: CustomerScope, paymentId: number) {
  return scope.db
    .from('payments')
    .select(['amount_minor', 'refunded_minor'])
    .where('id', '=', paymentId)
    .executeTakeFirstOrThrow();
}

function sumOf(rows: ReadonlyArray<{ readonly amount_minor: number }>): number {
  return rows.reduce((sum, row) => sum + row.amount_minor, 0);
}
