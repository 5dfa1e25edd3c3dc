import { refuse } from '../kernel/errors.ts';
import { nowMs, todayIn } from '../kernel/time.ts';
import { recordEvent } from '../outbox/events.ts';
import { type CustomerScope, transact } from '../scope.ts';
import { type EstimateStatus, estimateStatus, isOpenEstimate } from './estimate-status.ts';

/** Who agreed to an estimate, and how we know. */
export interface Approval {
  readonly estimateId: number;
  readonly initials: string;
  /** SHA-256 of the merchant's terms as they were shown; absent where there are none. */
  readonly termsHash?: string | undefined;
  readonly ip: string;
  readonly userAgent: string;
}

/**
 * Approves an estimate that asks for no deposit. The same evidence twice is one approval. Refuses `not_found`, and `estimate_not_open` for one
 * that was answered, expired or taken back.
 */
export function approve(scope: CustomerScope, approval: Approval): Promise<void> {
  return transact(scope, async (within) => {
    if (await isSameApproval(within, approval)) return;
    await assertOpenEstimate(within, approval.estimateId);
    await approveEstimate(within, approval);
  });
}

/**
 * Declines an estimate, with or without a reason. Refuses `not_found`, `estimate_not_open`, and `payment_in_progress` while a deposit is on
 * its way.
 */
export function declineEstimate(
  scope: CustomerScope,
  estimateId: number,
  reason: string | undefined,
): Promise<void> {
  return transact(scope, async (within) => {
    const number = await assertOpenEstimate(within, estimateId);
    await assertNothingUnderWay(within, estimateId, number);
    const now = nowMs(within.clock);
    await within.db
      .update('estimates')
      .set((eb) => ({
        closed: 1 as const,
        declined_at: now,
        decline_reason: reason ?? null,
        version: eb('version', '+', 1),
        updated_at: now,
      }))
      .where('id', '=', estimateId)
      .execute();
    await recordEvent(within, 'estimate.declined', { estimateId }, reason === undefined ? {} : { reason });
  });
}

/** Refuses `estimate_not_open` unless the customer may still answer; answers its number. */
export async function assertOpenEstimate(scope: CustomerScope, estimateId: number): Promise<string> {
  const row = await scope.db
    .from('estimates')
    .select([
      ...(['number', 'state', 'closed', 'invoice_id', 'declined_at'] as const),
      ...(['expiration_date', 'viewed_at'] as const),
    ])
    .where('id', '=', estimateId)
    .executeTakeFirst();
  if (!row || row.state === 'draft') return refuse('not_found', { what: 'estimate' });
  const status = estimateStatus(row, todayIn(scope.clock, scope.tenant.timeZone).toString());
  if (!isOpenEstimate(status))
    refuse('estimate_not_open', { number: row.number, reason: REASONS[status] ?? 'is not open' });
  return row.number;
}

/**
 * Records the approval in the caller's transaction and answers whether it did. The first evidence stays; an estimate that was voided or
 * declined meanwhile stays as it is.
 */
export async function approveEstimate(scope: CustomerScope, approval: Approval): Promise<boolean> {
  const { estimateId } = approval;
  if (!(await isStillThere(scope, estimateId))) return false;
  const isFirst = await scope.db.insertNew('approvals', {
    id: await scope.db.nextId('approvals'),
    estimate_id: estimateId,
    initials: approval.initials,
    terms_hash: approval.termsHash ?? null,
    ip: approval.ip,
    user_agent: approval.userAgent,
    at: nowMs(scope.clock),
  });
  if (!isFirst) return false;
  await scope.db
    .update('estimates')
    .set((eb) => ({
      closed: 1 as const,
      version: eb('version', '+', 1),
      updated_at: nowMs(scope.clock),
    }))
    .where('id', '=', estimateId)
    .execute();
  await recordEvent(scope, 'estimate.approved', { estimateId }, { initials: approval.initials });
  return true;
}

/** Books a deposit on the estimate, in the caller's transaction; the money itself is the customer's credit. */
export async function takeDeposit(scope: CustomerScope, estimateId: number, minor: number): Promise<void> {
  await scope.db
    .update('estimates')
    .set((eb) => ({
      deposit_paid_minor: eb('deposit_paid_minor', '+', minor),
      version: eb('version', '+', 1),
      updated_at: nowMs(scope.clock),
    }))
    .where('id', '=', estimateId)
    .execute();
}

/** Whether a payment that is for this estimate has started and is not finished. */
export async function isDepositUnderWay(scope: CustomerScope, estimateId: number): Promise<boolean> {
  const held = await scope.db
    .from('attempt_allocations')
    .select('attempt_id')
    .where('estimate_id', '=', estimateId)
    .where('is_open', '=', 1)
    .executeTakeFirst();
  return held !== undefined;
}

const REASONS: Partial<Record<EstimateStatus, string>> = {
  approved: 'is approved already',
  invoiced: 'is approved and invoiced already',
  declined: 'was declined',
  expired: 'has expired',
  voided: 'was taken back',
};

async function isSameApproval(scope: CustomerScope, approval: Approval): Promise<boolean> {
  const earlier = await scope.db
    .from('approvals')
    .select(['initials', 'terms_hash', 'ip', 'user_agent'])
    .where('estimate_id', '=', approval.estimateId)
    .executeTakeFirst();
  return (
    earlier !== undefined &&
    earlier.initials === approval.initials &&
    earlier.terms_hash === (approval.termsHash ?? null) &&
    earlier.ip === approval.ip &&
    earlier.user_agent === approval.userAgent
  );
}

async function assertNothingUnderWay(
  scope: CustomerScope,
  estimateId: number,
  number: string,
): Promise<void> {
  if (await isDepositUnderWay(scope, estimateId)) refuse('payment_in_progress', { number });
}

async function isStillThere(scope: CustomerScope, estimateId: number): Promise<boolean> {
  const found = await scope.db
    .from('estimates')
    .select('id')
    .where('id', '=', estimateId)
    .where('state', '=', 'issued')
    .where('declined_at', 'is', null)
    .executeTakeFirst();
  return found !== undefined;
}
