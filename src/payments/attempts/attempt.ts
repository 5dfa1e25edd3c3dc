import { z } from 'zod';
import { refuse } from '../../kernel/errors.ts';
import type { ScopedRow } from '#db/scoped.ts';
import { type Money, money } from '../../kernel/money.ts';
import { nowMs } from '../../kernel/time.ts';
import { sha256 } from '../../kernel/digest.ts';
import type { CustomerScope } from '../../scope.ts';
import { FIRST_LOOK_MS } from './looks.ts';
import { type CollectedSlot, slotName } from './slot.ts';

/** An attempt to move money, as it is committed before the gateway hears of it. */
export type Attempt = ScopedRow<'payment_attempts'>;

/** What part of an attempt is for: an invoice, the deposit of an estimate, or the customer's credit (paid in advance). */
export type Allocation = { readonly amount: Money } & (
  | { readonly to: 'invoice'; readonly id: number; readonly clientId: string; readonly number: string }
  | { readonly to: 'estimate'; readonly id: number; readonly clientId: string; readonly number: string }
  | { readonly to: 'credit' }
);

/** What else the payer asked for; done when the money has been taken. */
export const Wishes = z.object({
  /** Keep the instrument, and collect open invoices from it by AutoPay. */
  save: z.boolean().optional(),
  autopay: z.boolean().optional(),
  /** What the payer agreed to by giving a bank account. */
  mandate: z.string().optional(),
  /** Approve the estimate whose deposit this is, with the evidence of when the form was sent. */
  approval: z
    .object({
      estimateId: z.number(),
      initials: z.string(),
      termsHash: z.string().optional(),
      ip: z.string(),
      userAgent: z.string(),
    })
    .optional(),
});
export type Wishes = z.infer<typeof Wishes>;

/** What a form, or the slot of a job, is known by when it comes again. */
export interface Sending {
  /** Minted with the form, or the slot of a job: the same nonce never charges twice, however often it comes. */
  readonly nonce: string;
  /** What `fingerprintOf` makes of what was sent. */
  readonly fingerprint: string;
}

export interface Intent extends Sending {
  readonly source: Attempt['source'];
  readonly allocations: readonly Allocation[];
  /** The tries of AutoPay and of plans that it is for, each claimed in the same transaction; none for what a person pays. */
  readonly slots?: readonly CollectedSlot[] | undefined;
  /** What the allocations add up to, without the fee. */
  readonly total: Money;
  /** The convenience fee on top, minor units. */
  readonly feeMinor: number;
  readonly gateway: string;
  /** What is paid with, without anything secret; up to the first colon the payment's method: `credit_card:4242:12/2030`. */
  readonly method: string;
  /** The saved instrument that is charged, if it is one. */
  readonly methodId?: number | undefined;
  readonly receiptEmail: string | undefined;
  readonly wishes?: Wishes | undefined;
}

/** The attempt that a nonce already made, if it did. Refuses `form_reused` when something else was sent with it. */
export async function attemptOf(
  scope: CustomerScope,
  { nonce, fingerprint }: Sending,
): Promise<Attempt | undefined> {
  const attempt = await scope.db
    .from('payment_attempts')
    .selectAll()
    .where('nonce', '=', nonce)
    .executeTakeFirst();
  if (attempt && attempt.fingerprint !== fingerprint) refuse('form_reused');
  return attempt;
}

/**
 * What makes two sendings of a form the same: what is paid, how much of it (minor units) and with what. It is made of what was sent alone, so
 * that whatever changes afterwards (a method is removed, a gateway disconnected), the same form is the same payment for ever.
 */
export function fingerprintOf(
  paid: Iterable<readonly [what: string, minor: number]>,
  paidWith: string,
): string {
  const parts = Array.from(paid, ([what, minor]) => `${what}=${minor}`);
  return sha256([paidWith, ...parts.toSorted()].join('|'));
}

/**
 * Commits the intent, in the caller's transaction: from here on each of its documents belongs to this attempt until it is settled. Refuses
 * `payment_in_progress` when another attempt holds one of them, and `form_reused` when the nonce is that of another customer's form.
 */
export async function commitIntent(scope: CustomerScope, intent: Intent, attemptId: string): Promise<void> {
  await assertFree(scope, intent);
  const now = nowMs(scope.clock);
  const isNew = await scope.db.insertNew('payment_attempts', {
    id: attemptId,
    nonce: intent.nonce,
    fingerprint: intent.fingerprint,
    currency: intent.total.currency,
    amount_minor: intent.total.minor,
    fee_minor: intent.feeMinor,
    state: 'submitted',
    source: intent.source,
    gateway: intent.gateway,
    method: intent.method,
    payment_method_id: intent.methodId ?? null,
    receipt_email: intent.receiptEmail ?? null,
    wishes: JSON.stringify(intent.wishes ?? {}),
    actor: scope.actor,
    created_at: now,
    submitted_at: now,
    look_at: now + FIRST_LOOK_MS,
  });
  if (!isNew) refuse('form_reused');
  await scope.db.insert(
    'attempt_allocations',
    intent.allocations.map((part, position) => ({
      attempt_id: attemptId,
      position,
      invoice_id: part.to === 'invoice' ? part.id : null,
      estimate_id: part.to === 'estimate' ? part.id : null,
      amount_minor: part.amount.minor,
      is_open: 1 as const,
    })),
  );
  await insertSlots(scope, attemptId, intent.slots ?? []);
}

/** Writes which slots an attempt is for: each belongs to one attempt at most, for ever. */
export async function insertSlots(
  scope: CustomerScope,
  attemptId: string,
  slots: readonly CollectedSlot[],
): Promise<void> {
  if (slots.length === 0) return;
  await scope.db.insert(
    'attempt_slots',
    slots.map((slot) => ({
      slot: slotName(slot),
      attempt_id: attemptId,
      invoice_id: slot.invoiceId,
      amount_minor: slot.minor,
    })),
  );
}

export async function findAttempt(scope: CustomerScope, attemptId: string): Promise<Attempt> {
  const attempt = await scope.db
    .from('payment_attempts')
    .selectAll()
    .where('id', '=', attemptId)
    .executeTakeFirst();
  return attempt ?? refuse('not_found', { what: 'payment' });
}

/** What became of an attempt, to be told. */
export interface AttemptNews {
  readonly state: Attempt['state'];
  /** The whole charge, the convenience fee included. */
  readonly charge: Money;
  /** How many invoices it was for. */
  readonly invoices: number;
  /** Why nothing was taken, as a sentence. */
  readonly reason: string;
}

/** What became of attempts; those that are not the customer's are not among it. */
export async function attemptsNamed(scope: CustomerScope, ids: readonly string[]): Promise<AttemptNews[]> {
  if (ids.length === 0) return [];
  const rows = await scope.db.from('payment_attempts').selectAll().where('id', 'in', ids).execute();
  const parts = await scope.db
    .from('attempt_allocations')
    .select('attempt_id')
    .where('attempt_id', 'in', ids)
    .where('invoice_id', 'is not', null)
    .execute();
  return rows.map((row) => ({
    state: row.state,
    charge: money(row.amount_minor + row.fee_minor, row.currency),
    invoices: parts.filter((part) => part.attempt_id === row.id).length,
    reason: row.failure_message ?? 'It was not taken.',
  }));
}

/** The page of the payer's bank where a challenge is answered, if that is not a page of the portal. */
export function bankPageOf({
  state,
  challenge,
}: {
  readonly state: string;
  readonly challenge: string | null;
}): string | undefined {
  return state === 'action_required' && challenge?.startsWith('https://') ? challenge : undefined;
}

/** What the payer wished besides; nothing where the stored text is not ours. */
export function wishesOf(attempt: Attempt): Wishes {
  return Wishes.safeParse(JSON.parse(attempt.wishes)).data ?? {};
}

/** An invoice, or the deposit of an estimate, that an attempt was to pay. */
export interface Purpose {
  readonly kind: 'invoice' | 'estimate';
  readonly clientId: string;
  readonly number: string;
  readonly amount: Money;
}

/** What an attempt was to pay, in the order of the form; what was paid in advance is for no document. */
export async function purposesOf(
  scope: CustomerScope,
  { id, currency }: Pick<Attempt, 'id' | 'currency'>,
): Promise<Purpose[]> {
  const parts = await scope.db
    .from('attempt_allocations')
    .leftJoin(scope.db.rows('invoices'), 'invoices.id', 'attempt_allocations.invoice_id')
    .leftJoin(scope.db.rows('estimates'), 'estimates.id', 'attempt_allocations.estimate_id')
    .select([
      'attempt_allocations.amount_minor as minor',
      'invoices.client_id as invoice',
      'invoices.number as invoiceNumber',
      'estimates.client_id as estimate',
      'estimates.number as estimateNumber',
    ])
    .where('attempt_allocations.attempt_id', '=', id)
    .orderBy('attempt_allocations.position')
    .execute();
  return parts.flatMap(({ minor, invoice, invoiceNumber, estimate, estimateNumber }): Purpose[] => {
    const amount = money(minor, currency);
    if (invoice && invoiceNumber)
      return [{ kind: 'invoice', clientId: invoice, number: invoiceNumber, amount }];
    if (estimate && estimateNumber)
      return [{ kind: 'estimate', clientId: estimate, number: estimateNumber, amount }];
    return [];
  });
}

async function assertFree(scope: CustomerScope, { allocations }: Intent): Promise<void> {
  for (const [kind, column] of [
    ['invoice', 'invoice_id'],
    ['estimate', 'estimate_id'],
  ] as const) {
    const wanted = allocations.flatMap((part) => (part.to === kind ? [part] : []));
    if (wanted.length === 0) continue;
    const ids = wanted.map(({ id }) => id);
    const held = await scope.db
      .from('attempt_allocations')
      .select(column)
      .where('is_open', '=', 1)
      .where(column, 'in', ids)
      .executeTakeFirst();
    if (held) refuse('payment_in_progress', { number: wanted.find(({ id }) => id === held[column])!.number });
  }
}
