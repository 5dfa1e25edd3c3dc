import { refuse } from '../kernel/errors.ts';
import type { ScopedRow } from '#db/scoped.ts';
import { formatMoney, type Money, money } from '../kernel/money.ts';
import { nowMs } from '../kernel/time.ts';
import { sha256 } from '../kernel/digest.ts';
import type { InvoiceSummary } from '../documents/invoices.ts';
import type { CustomerScope } from '../scope.ts';

/** An attempt to move money, as it is committed before the gateway hears of it. */
export type Attempt = ScopedRow<'payment_attempts'>;

/** What was asked of one invoice. */
export interface Allocation {
  readonly invoice: InvoiceSummary;
  readonly amount: Money;
}

export interface Intent {
  /** Minted with the form: the same form never charges twice, however often it is sent. */
  readonly nonce: string;
  readonly allocations: readonly Allocation[];
  readonly total: Money;
  readonly gateway: string;
  /** What is paid with, without anything secret: `card:4242`. */
  readonly method: string;
  readonly receiptEmail: string | undefined;
}

/** A gateway that has not answered for this long (ms) is asked what became of the attempt. */
export const FIRST_LOOK_MS = 60_000;

/** The attempt that a form's nonce already made, if it did. Refuses `form_reused` when it was for something else. */
export async function attemptOfNonce(
  scope: CustomerScope,
  nonce: string,
  fingerprint: string,
): Promise<Attempt | undefined> {
  const attempt = await scope.db
    .from('payment_attempts')
    .selectAll()
    .where('nonce', '=', nonce)
    .executeTakeFirst();
  if (attempt && attempt.fingerprint !== fingerprint) refuse('form_reused');
  return attempt;
}

/** What makes two submissions of a form the same: what is paid and how much of it, and with what. */
export function fingerprintOf(intent: Intent): string {
  const parts = intent.allocations.map((a) => `${a.invoice.clientId}=${a.amount.minor}`).toSorted();
  return sha256([intent.total.currency, intent.gateway, intent.method, ...parts].join('|'));
}

/**
 * Commits the intent, in the caller's transaction: from here on each of its invoices belongs to this attempt until it is settled. Refuses
 * `payment_in_progress` when another attempt holds one of them.
 */
export async function commitIntent(
  scope: CustomerScope,
  intent: Intent,
  attemptId: string,
): Promise<Attempt> {
  await assertFree(scope, intent);
  const now = nowMs(scope.clock);
  await scope.db.insert('payment_attempts', {
    id: attemptId,
    nonce: intent.nonce,
    fingerprint: fingerprintOf(intent),
    currency: intent.total.currency,
    amount_minor: intent.total.minor,
    state: 'submitted',
    source: 'portal',
    gateway: intent.gateway,
    method: intent.method,
    receipt_email: intent.receiptEmail ?? null,
    actor: scope.actor,
    created_at: now,
    submitted_at: now,
    look_at: now + FIRST_LOOK_MS,
  });
  await scope.db.insert(
    'attempt_allocations',
    intent.allocations.map(({ invoice, amount }, position) => ({
      attempt_id: attemptId,
      position,
      invoice_id: invoice.id,
      amount_minor: amount.minor,
      is_open: 1 as const,
    })),
  );
  return findAttempt(scope, attemptId);
}

export async function findAttempt(scope: CustomerScope, attemptId: string): Promise<Attempt> {
  const attempt = await scope.db
    .from('payment_attempts')
    .selectAll()
    .where('id', '=', attemptId)
    .executeTakeFirst();
  return attempt ?? refuse('not_found', { what: 'payment' });
}

/** Client ids of the invoices that an attempt was to pay, in the order of the form. */
export async function invoicesOfAttempt(scope: CustomerScope, attemptId: string): Promise<string[]> {
  const asked = await scope.db
    .from('attempt_allocations')
    .select(['invoice_id'])
    .where('attempt_id', '=', attemptId)
    .orderBy('position')
    .execute();
  const ids = asked.flatMap(({ invoice_id }) => invoice_id ?? []);
  const invoices = await scope.db
    .from('invoices')
    .select(['id', 'client_id'])
    .where('id', 'in', ids)
    .execute();
  const clientIds = new Map(invoices.map(({ id, client_id }) => [id, client_id]));
  return ids.flatMap((id) => clientIds.get(id) ?? []);
}

/** Every invoice must still be payable and as the customer saw it. Refuses `invoice_not_payable` and `invoice_changed`. */
export function assertUnchanged(
  scope: CustomerScope,
  invoices: readonly InvoiceSummary[],
  seen: ReadonlyMap<string, number>,
): void {
  for (const invoice of invoices) {
    if (!invoice.payable)
      refuse('invoice_not_payable', { number: invoice.number, reason: reasonOf(invoice) });
    const before = seen.get(invoice.clientId);
    const left = leftToPay(invoice);
    if (before !== left.minor) {
      const show = (minor: number): string => formatMoney(money(minor, left.currency), scope.tenant.language);
      refuse('invoice_changed', { number: invoice.number, now: show(left.minor), before: show(before ?? 0) });
    }
  }
}

/** What is still open on an invoice and not on its way already. */
export function leftToPay(invoice: InvoiceSummary): Money {
  return money(invoice.balance.minor - invoice.pending.minor, invoice.balance.currency);
}

function reasonOf(invoice: InvoiceSummary): string {
  if (invoice.status === 'paid') return 'is paid already';
  if (invoice.status === 'processing') return 'is being paid at this moment';
  if (invoice.status === 'bad_debt') return 'is closed';
  return 'is not open for payment';
}

async function assertFree(scope: CustomerScope, intent: Intent): Promise<void> {
  const ids = intent.allocations.map(({ invoice }) => invoice.id);
  const held = await scope.db
    .from('attempt_allocations')
    .select('invoice_id')
    .where('is_open', '=', 1)
    .where('invoice_id', 'in', ids)
    .executeTakeFirst();
  if (!held) return;
  const { invoice } = intent.allocations.find((allocation) => allocation.invoice.id === held.invoice_id)!;
  refuse('payment_in_progress', { number: invoice.number });
}
