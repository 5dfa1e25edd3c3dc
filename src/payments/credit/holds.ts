import { creditBalances } from '../../ledger/ledger.ts';
import type { CustomerScope } from '../../scope.ts';

/*
 * What of a customer's credit balance is spoken for: deposits, which wait for the invoices of their estimates, and what is on its way back to
 * the payer, by a refund that is not settled or a dispute that is not decided. Whatever goes back of a payment takes the credit that it left
 * before anything else.
 */

/** What one payment left as credit and is spoken for. Minor units. */
export interface Hold {
  readonly paymentId: number;
  readonly currency: string;
  /** The estimate whose deposit it is; undefined for credit that waits for nothing. */
  readonly estimateId: number | undefined;
  /** What is left of the deposit, with what is on its way back of it. */
  readonly deposit: number;
  /** What is on its way back, the deposit first. */
  readonly returning: number;
}

/** Everything of the customer's credit that is spoken for. */
export async function creditHolds(scope: CustomerScope): Promise<Hold[]> {
  const returns = await returnsOf(scope);
  return (await creditLeft(scope, [...returns.keys()])).map((payment) => {
    const { returning = 0, lost = 0 } = returns.get(payment.id) ?? {};
    const gone = payment.refunded + lost;
    return {
      paymentId: payment.id,
      currency: payment.currency,
      estimateId: payment.estimateId,
      deposit: Math.max(0, payment.deposit - gone),
      returning: Math.min(returning, Math.max(0, payment.credit - gone)),
    };
  });
}

/** What a deposit still keeps for its invoice: without what is on its way back. */
export function keptDeposit({ deposit, returning }: Hold): number {
  return Math.max(0, deposit - returning);
}

/** What an invoice of this estimate gets of its deposit: minor units. */
export async function depositLeft(scope: CustomerScope, estimateId: number): Promise<number> {
  const holds = await creditHolds(scope);
  return sumOf(holds.filter((hold) => hold.estimateId === estimateId).map(keptDeposit));
}

/** The credit balance (minor units) that nothing speaks for, other than `paymentId` where one is named. */
export async function freeBalance(
  scope: CustomerScope,
  currency: string,
  paymentId?: number,
): Promise<number> {
  const spoken = await othersHolds(scope, currency, paymentId);
  return (
    (await balanceOf(scope, currency)) - sumOf(spoken.map((one) => Math.max(one.deposit, one.returning)))
  );
}

/** The credit balance (minor units) that may go back with this payment: all but the deposits that other payments left. */
export async function returnableBalance(
  scope: CustomerScope,
  currency: string,
  paymentId: number,
): Promise<number> {
  const others = await othersHolds(scope, currency, paymentId);
  return (await balanceOf(scope, currency)) - sumOf(others.map(({ deposit }) => deposit));
}

async function othersHolds(
  scope: CustomerScope,
  currency: string,
  paymentId: number | undefined,
): Promise<Hold[]> {
  const holds = await creditHolds(scope);
  return holds.filter((hold) => hold.currency === currency && hold.paymentId !== paymentId);
}

async function balanceOf(scope: CustomerScope, currency: string): Promise<number> {
  return (await creditBalances(scope)).get(currency) ?? 0;
}

interface Returns {
  /** Refunds that are not settled, and disputes that are not decided. */
  readonly returning: number;
  /** Disputes that were lost. */
  readonly lost: number;
}

/** What goes and went back of payments otherwise than by settled refunds, by payment: minor units. */
async function returnsOf({ db }: CustomerScope): Promise<Map<number, Returns>> {
  const refunds = await db
    .from('refunds')
    .innerJoin(db.rows('payments'), 'payments.id', 'refunds.payment_id')
    .select(['payments.id', 'refunds.amount_minor as minor'])
    .where('refunds.state', 'in', ['created', 'submitted'])
    .execute();
  const disputes = await db
    .from('disputes')
    .innerJoin(db.rows('payments'), 'payments.id', 'disputes.payment_id')
    .select(['payments.id', 'disputes.amount_minor as minor', 'disputes.state'])
    .where('payments.disputed', '=', 1)
    .where('disputes.state', '!=', 'won')
    .execute();
  const returns = new Map<number, Returns>();
  for (const { id, minor, state } of [...refunds.map((one) => ({ ...one, state: 'open' })), ...disputes]) {
    const { returning, lost } = returns.get(id) ?? { returning: 0, lost: 0 };
    const isLost = state === 'lost';
    returns.set(id, {
      returning: returning + (isLost ? 0 : minor),
      lost: lost + (isLost ? minor : 0),
    });
  }
  return returns;
}

interface CreditLeft {
  readonly id: number;
  readonly currency: string;
  readonly refunded: number;
  readonly estimateId: number | undefined;
  /** All that the payment left as credit, and the part of it that is a deposit which waits for its invoice. */
  readonly credit: number;
  readonly deposit: number;
}

/** What payments left as credit: those of deposits, and those named. */
async function creditLeft({ db }: CustomerScope, paymentIds: readonly number[]): Promise<CreditLeft[]> {
  const rows = await db
    .from('payment_applications')
    .innerJoin(db.rows('payments'), 'payments.id', 'payment_applications.payment_id')
    .leftJoin(db.rows('estimates'), 'estimates.id', 'payment_applications.estimate_id')
    .select([
      ...(['payments.id', 'payments.currency', 'payments.refunded_minor'] as const),
      ...(['payment_applications.amount_minor', 'estimates.id as estimate_id'] as const),
      ...(['estimates.state', 'estimates.invoice_id', 'estimates.declined_at'] as const),
    ])
    .where('payment_applications.voided_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('payment_applications.kind', '=', 'estimate'),
        eb.and([
          eb('payment_applications.kind', '=', 'credit'),
          eb('payment_applications.payment_id', 'in', [...paymentIds, 0]),
        ]),
      ]),
    )
    .execute();
  const payments = new Map<number, CreditLeft>();
  for (const row of rows) {
    const isWaiting = row.state === 'issued' && row.invoice_id === null && row.declined_at === null;
    const known = payments.get(row.id);
    payments.set(row.id, {
      id: row.id,
      currency: row.currency,
      refunded: row.refunded_minor,
      estimateId: row.estimate_id ?? known?.estimateId,
      credit: (known?.credit ?? 0) + row.amount_minor,
      deposit: (known?.deposit ?? 0) + (isWaiting ? row.amount_minor : 0),
    });
  }
  return [...payments.values()];
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, minor) => sum + minor, 0);
}
