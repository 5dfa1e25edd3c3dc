import { todayIn } from '../../kernel/time.ts';
import { creditBalances, post } from '../../ledger/ledger.ts';
import type { CustomerScope } from '../../scope.ts';

/*
 * What a refund does to the books. The cash that leaves stands against, in this order: the credit that the payment left and that is still
 * there (an advance payment, a deposit, an overpayment), then `adjustments` (what the customer keeps having without having paid for it,
 * because a refund opens no invoice), and last the convenience fee.
 */

interface GivenBack {
  readonly id: number;
  readonly payment_id: number;
  readonly currency: string;
}

/** Books money given back (or, negative, returned by the bank) with the payment's sum, in the caller's transaction. */
export async function bookRefund(scope: CustomerScope, refund: GivenBack, minor: number): Promise<void> {
  const payment = await scope.db
    .from('payments')
    .select(['amount_minor', 'refunded_minor'])
    .where('id', '=', refund.payment_id)
    .executeTakeFirstOrThrow();
  const total = payment.refunded_minor + minor;
  await scope.db
    .update('payments')
    .set({ refunded_minor: total })
    .where('id', '=', refund.payment_id)
    .execute();
  const before = await givenBackBefore(scope, refund.payment_id);
  const feesDue = Math.max(0, total - payment.amount_minor);
  const fees = feesDue - before.fees;
  const creditDue = Math.min(total - feesDue, await creditLeftBy(scope, refund.payment_id));
  const credit = await creditPart(scope, refund.currency, creditDue - before.credit_balance, minor - fees);
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

/** How much of `minor` goes against the credit: what is wanted, as far as it is there and no more than there is to book. */
async function creditPart(
  scope: CustomerScope,
  currency: string,
  wanted: number,
  minor: number,
): Promise<number> {
  if (minor < 0) return Math.max(minor, Math.min(0, wanted));
  const available = (await creditBalances(scope)).get(currency) ?? 0;
  return Math.max(0, Math.min(minor, wanted, available));
}

/** What the payment left on the customer's account as credit. */
async function creditLeftBy(scope: CustomerScope, paymentId: number): Promise<number> {
  const rows = await scope.db
    .from('payment_applications')
    .select('amount_minor')
    .where('payment_id', '=', paymentId)
    .where('kind', 'in', ['credit', 'estimate'])
    .execute();
  return rows.reduce((sum, row) => sum + row.amount_minor, 0);
}

async function givenBackBefore(
  scope: CustomerScope,
  paymentId: number,
): Promise<{ fees: number; credit_balance: number }> {
  const rows = await scope.db
    .from('journal')
    .innerJoin(scope.db.rows('postings'), 'postings.journal_id', 'journal.id')
    .select(['postings.account', 'postings.amount_minor'])
    .where('journal.payment_id', '=', paymentId)
    .where('journal.kind', '=', 'refund')
    .execute();
  const sum = (account: string): number =>
    rows.reduce((total, row) => (row.account === account ? total + row.amount_minor : total), 0);
  return { fees: sum('fees'), credit_balance: sum('credit_balance') };
}
