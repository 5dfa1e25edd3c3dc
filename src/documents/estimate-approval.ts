import { refuse } from '../kernel/errors.ts';
import { nowMs } from '../kernel/time.ts';
import { recordEvent } from '../outbox/events.ts';
import type { CustomerScope } from '../scope.ts';

/** Who agreed to an estimate, and how we know. */
export interface Approval {
  readonly estimateId: number;
  readonly initials: string;
  /** SHA-256 of the merchant's terms as they were shown; absent where there are none. */
  readonly termsHash?: string | undefined;
  readonly ip: string;
  readonly userAgent: string;
}

/** Records the approval in the caller's transaction. Approving twice changes nothing: the first evidence stays. Refuses `not_found`. */
export async function approveEstimate(scope: CustomerScope, approval: Approval): Promise<void> {
  const { estimateId } = approval;
  await assertIssued(scope, estimateId);
  const isFirst = await scope.db.insertNew('approvals', {
    id: await scope.db.nextId('approvals'),
    estimate_id: estimateId,
    initials: approval.initials,
    terms_hash: approval.termsHash ?? null,
    ip: approval.ip,
    user_agent: approval.userAgent,
    at: nowMs(scope.clock),
  });
  if (!isFirst) return;
  await scope.db
    .update('estimates')
    .set((eb) => ({ closed: 1 as const, version: eb('version', '+', 1), updated_at: nowMs(scope.clock) }))
    .where('id', '=', estimateId)
    .execute();
  await recordEvent(scope, 'estimate.approved', { estimateId }, { initials: approval.initials });
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

async function assertIssued(scope: CustomerScope, estimateId: number): Promise<void> {
  const found = await scope.db
    .from('estimates')
    .select('id')
    .where('id', '=', estimateId)
    .where('state', '=', 'issued')
    .executeTakeFirst();
  if (!found) refuse('not_found', { what: 'estimate' });
}
