import type { ScopedRow } from '#db/scoped.ts';
import { type Money, money } from '../../kernel/money.ts';
import { nowMs, todayIn } from '../../kernel/time.ts';
import { type JournalKind, post, type Posting } from '../../ledger/ledger.ts';
import { recordEvent } from '../../outbox/events.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '../../scope.ts';
import type { GatewayEvent } from '../gateways/gateway.ts';
import { creditPart } from './refund-books.ts';

type Dispute = ScopedRow<'disputes'>;
export type DisputeNews = Extract<GatewayEvent, { readonly about: 'dispute' }>;

/** A payment that the payer's bank took back, as the operator sees it. */
export interface DisputeRecord {
  readonly id: number;
  readonly gatewayId: string;
  /** The number of the payment's receipt. */
  readonly payment: string;
  readonly customerNumber: string;
  readonly customerName: string;
  readonly amount: Money;
  readonly state: Dispute['state'];
  readonly reason: string | undefined;
  /** Epoch ms. */
  readonly openedAt: number;
  readonly closedAt: number | undefined;
}

/** States in the order in which they follow one another: news of an earlier one changes nothing. */
const RANK = { open: 0, won: 1, lost: 2 } as const;

/**
 * What a dispute has done to the books in each state, in parts of its amount; a step posts the difference to the state before. What is lost is
 * a bad debt less the credit that the payment left.
 */
const BOOKS = {
  none: { cash: 0, disputed: 0, bad_debt: 0 },
  open: { cash: -1, disputed: 1, bad_debt: 0 },
  won: { cash: 0, disputed: 0, bad_debt: 0 },
  lost: { cash: -1, disputed: 0, bad_debt: 1 },
} as const;
const ACCOUNTS = ['cash', 'disputed', 'bad_debt'] as const;

/**
 * Takes in what a gateway says of a dispute, in any order and any number of times. While it is open the bank holds the money, and the credit
 * that the payment left cannot be used; won, it comes back; lost, what is left of that credit is taken and the rest written off. No invoice
 * opens again by itself. Its amount is the one that was said first. Answers whether the payment is here: news of one that is not settled yet
 * comes again later.
 */
export function settleDispute(merchant: MerchantScope, gateway: string, news: DisputeNews): Promise<boolean> {
  return transact(merchant, async (within) => {
    const payment = await within.db
      .from('payments')
      .select(['id', 'customer_id', 'number'])
      .where('gateway', '=', gateway)
      .where('gateway_payment_id', '=', news.gatewayPaymentId)
      .where('currency', '=', news.amount.currency)
      .executeTakeFirst();
    if (!payment) return false;
    const scope = customerScope(within, payment.customer_id);
    let dispute = await findDispute(scope, news.gatewayDisputeId);
    if (dispute === undefined) {
      dispute = await open(scope, payment.id, news);
      scope.log.warn('a payment is disputed', { payment: payment.number, dispute: news.gatewayDisputeId });
    }
    if (news.state !== 'open' && RANK[news.state] > RANK[dispute.state])
      await moveOn(scope, dispute, news.state);
    await markPayment(scope, dispute.payment_id);
    return true;
  });
}

/** Every dispute of the tenant, the newest first. */
export async function listDisputes(merchant: MerchantScope, limit?: number): Promise<DisputeRecord[]> {
  const query = merchant.db
    .from('disputes')
    .innerJoin(merchant.db.rows('payments'), 'payments.id', 'disputes.payment_id')
    .innerJoin(merchant.db.rows('customers'), 'customers.id', 'disputes.customer_id')
    .selectAll('disputes')
    .select([
      'payments.number as payment_number',
      'customers.number as customer_number',
      'customers.name as customer_name',
    ])
    .orderBy('disputes.id', 'desc');
  const rows = await (limit === undefined ? query : query.limit(limit)).execute();
  return rows.map((row) => ({
    id: row.id,
    gatewayId: row.gateway_dispute_id,
    payment: row.payment_number,
    customerNumber: row.customer_number,
    customerName: row.customer_name,
    amount: money(row.amount_minor, row.currency),
    state: row.state,
    reason: row.reason ?? undefined,
    openedAt: row.opened_at,
    closedAt: row.closed_at ?? undefined,
  }));
}

async function open(scope: CustomerScope, paymentId: number, news: DisputeNews): Promise<Dispute> {
  const id = await scope.db.nextId('disputes');
  await scope.db.insert('disputes', {
    id,
    payment_id: paymentId,
    gateway_dispute_id: news.gatewayDisputeId,
    currency: news.amount.currency,
    amount_minor: news.amount.minor,
    state: 'open',
    reason: news.reason ?? null,
    opened_at: nowMs(scope.clock),
  });
  const dispute = (await findDispute(scope, news.gatewayDisputeId))!;
  await book(scope, dispute, 'none', 'open');
  const { amount_minor: amount, currency, reason } = dispute;
  await recordEvent(scope, 'payment.disputed', { paymentId }, { dispute: id, amount, currency, reason });
  return dispute;
}

async function moveOn(scope: CustomerScope, dispute: Dispute, state: 'won' | 'lost'): Promise<void> {
  await scope.db
    .update('disputes')
    .set({ state, closed_at: nowMs(scope.clock) })
    .where('id', '=', dispute.id)
    .execute();
  await book(scope, dispute, dispute.state, state);
  const subject = { paymentId: dispute.payment_id };
  await recordEvent(scope, `payment.dispute_${state}`, subject, { dispute: dispute.id });
}

async function book(
  scope: CustomerScope,
  dispute: Dispute,
  from: keyof typeof BOOKS,
  to: Dispute['state'],
): Promise<void> {
  const postings: Posting[] = ACCOUNTS.map((account) => ({
    account,
    minor: (BOOKS[to][account] - BOOKS[from][account]) * dispute.amount_minor,
  }));
  if (to === 'lost') {
    const credit = await creditPart(scope, dispute, dispute.amount_minor);
    postings.push({ account: 'credit_balance', minor: credit }, { account: 'bad_debt', minor: -credit });
  }
  await post(scope, {
    kind: kindOf(from, to),
    currency: dispute.currency,
    date: todayIn(scope.clock, scope.tenant.timeZone).toString(),
    paymentId: dispute.payment_id,
    memo: `Dispute ${dispute.gateway_dispute_id}`,
    postings,
  });
}

function kindOf(from: keyof typeof BOOKS, to: Dispute['state']): JournalKind {
  if (to === 'won') return 'dispute_won';
  return from === 'open' ? 'write_off' : 'dispute';
}

/** A payment is marked as disputed while a dispute over it is open, and for good when one was lost. */
async function markPayment(scope: CustomerScope, paymentId: number): Promise<void> {
  const against = await scope.db
    .from('disputes')
    .select('id')
    .where('payment_id', '=', paymentId)
    .where('state', '!=', 'won')
    .executeTakeFirst();
  await scope.db
    .update('payments')
    .set({ disputed: against ? 1 : 0 })
    .where('id', '=', paymentId)
    .execute();
}

function findDispute(scope: CustomerScope, gatewayDisputeId: string): Promise<Dispute | undefined> {
  return scope.db
    .from('disputes')
    .selectAll()
    .where('gateway_dispute_id', '=', gatewayDisputeId)
    .executeTakeFirst();
}
