import type { ScopedRow } from '#db/scoped.ts';
import { refuse } from '#src/kernel/errors.ts';
import { type Money, money } from '#src/kernel/money.ts';
import { findNamed } from '#src/kernel/named.ts';
import { nowMs, todayIn } from '#src/kernel/time.ts';
import { recordEvents } from '#src/outbox/events.ts';
import { type MerchantScope, transact } from '#src/scope.ts';
import { waysIn, type WayToPay } from '#src/tenants/ways-to-pay.ts';
import { type EstimateStatus, estimateStatus } from './estimate-status.ts';
import type { EstimateApproval } from './estimates.ts';
import {
  type DocumentRecord,
  everyRecord,
  partsOfRecords,
  type RecordParts,
  type RecordQuery,
  sharedPart,
} from './records.ts';

/** An estimate as its merchant sees it, whatever its state. */
export interface EstimateRecord extends DocumentRecord {
  /** Civil date. */
  readonly expirationDate: string | undefined;
  readonly status: EstimateStatus;
  readonly paymentTerms: string | undefined;
  /** The ways to pay that are off for it, beside those that are off for its customer. */
  readonly disabledMethods: readonly WayToPay[];
  readonly deposit: Money;
  readonly depositPaid: Money;
  readonly invoiceId: number | undefined;
  readonly approval: (EstimateApproval & { readonly id: number }) | undefined;
  readonly declineReason: string | undefined;
  /** Epoch ms. */
  readonly sentAt: number | undefined;
}

/** The tenant's estimates in the order they were made. */
export function everyEstimate(
  merchant: MerchantScope,
  query: RecordQuery<EstimateStatus> = {},
): AsyncGenerator<EstimateRecord> {
  return everyRecord(
    query,
    (id, most) => readAfter(merchant, id, most, query),
    (rows) => recordsOf(merchant, rows),
  );
}

/** One estimate by its number (in any case), or by its id when no number fits. Refuses `unknown_estimate`. */
export async function findMerchantEstimate(
  merchant: MerchantScope,
  numberOrId: string,
): Promise<EstimateRecord> {
  const row = await findNamed(numberOrId, {
    exactly: (number, id) =>
      selectEstimates(merchant)
        .where((eb) => eb.or([eb('estimates.number', '=', number), eb('estimates.id', '=', id)]))
        .execute(),
    anyCase: (numbers) =>
      selectEstimates(merchant)
        .where((eb) => eb(eb.fn<string>('lower', ['estimates.number']), 'in', numbers))
        .limit(2)
        .execute(),
  });
  const [record] = row ? await recordsOf(merchant, [row]) : [];
  return record ?? refuse('unknown_estimate', { estimate: numberOrId, tenant: merchant.tenant.username });
}

/**
 * Takes an estimate back: it can be neither seen nor answered any more. A deposit that was paid stays the customer's credit. Refuses
 * `unknown_estimate` and `not_voidable`.
 */
export function voidEstimate(merchant: MerchantScope, numberOrId: string): Promise<EstimateRecord> {
  return transact(merchant, async (within) => {
    const estimate = await findMerchantEstimate(within, numberOrId);
    const what = `Estimate ${estimate.number}`;
    if (estimate.status === 'voided')
      refuse('not_voidable', { what, reason: 'is voided already', todo: 'There is nothing more to do.' });
    if (estimate.status === 'invoiced')
      refuse('not_voidable', { what, reason: 'was invoiced already', todo: 'Void its invoice instead.' });
    if (await isBeingPaid(within, estimate.id))
      refuse('not_voidable', {
        what,
        reason: 'has a deposit on its way',
        todo: 'Wait until the deposit has arrived.',
      });
    const now = nowMs(within.clock);
    await within.db
      .update('estimates')
      .set((eb) => ({
        state: 'voided' as const,
        voided_at: now,
        version: eb('version', '+', 1),
        updated_at: now,
      }))
      .where('id', '=', estimate.id)
      .execute();
    const subject = { customerId: estimate.customerId, estimateId: estimate.id };
    await recordEvents(within, [{ type: 'estimate.voided', subject }]);
    return findMerchantEstimate(within, String(estimate.id));
  });
}

async function isBeingPaid(merchant: MerchantScope, estimateId: number): Promise<boolean> {
  const held = await merchant.db
    .from('attempt_allocations')
    .select('attempt_id')
    .where('estimate_id', '=', estimateId)
    .where('is_open', '=', 1)
    .executeTakeFirst();
  return held !== undefined;
}

function selectEstimates(merchant: MerchantScope) {
  return merchant.db
    .from('estimates')
    .innerJoin(merchant.db.rows('customers'), 'customers.id', 'estimates.customer_id')
    .selectAll('estimates')
    .select(['customers.number as customer_number', 'customers.name as customer_name']);
}

type EstimateRow = Awaited<ReturnType<ReturnType<typeof selectEstimates>['execute']>>[number];

function readAfter(
  merchant: MerchantScope,
  after: number,
  most: number,
  { customerId }: RecordQuery<EstimateStatus>,
) {
  const rows = selectEstimates(merchant)
    .where('estimates.id', '>', after)
    .orderBy('estimates.id')
    .limit(most);
  return (customerId === undefined ? rows : rows.where('estimates.customer_id', '=', customerId)).execute();
}

async function recordsOf(merchant: MerchantScope, rows: readonly EstimateRow[]): Promise<EstimateRecord[]> {
  if (rows.length === 0) return [];
  const partsOf = await partsOfRecords(merchant, 'estimate_id', rows);
  const approvals = await approvalsOf(
    merchant,
    rows.map(({ id }) => id),
  );
  const today = todayIn(merchant.clock, merchant.tenant.timeZone).toString();
  return rows.map((row) => ({ ...recordOf(row, approvals.get(row.id), today), ...partsOf(row) }));
}

async function approvalsOf(
  merchant: MerchantScope,
  ids: readonly number[],
): Promise<ReadonlyMap<number, ScopedRow<'approvals'>>> {
  const rows = await merchant.db.from('approvals').selectAll().where('estimate_id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.estimate_id ?? 0, row]));
}

function recordOf(
  row: EstimateRow,
  approval: ScopedRow<'approvals'> | undefined,
  today: string,
): Omit<EstimateRecord, keyof RecordParts> {
  const { currency } = row;
  return {
    ...sharedPart(row),
    expirationDate: row.expiration_date ?? undefined,
    status: estimateStatus(row, today),
    paymentTerms: row.payment_terms ?? undefined,
    disabledMethods: waysIn(row.disabled_methods),
    deposit: money(row.deposit_minor, currency),
    depositPaid: money(row.deposit_paid_minor, currency),
    invoiceId: row.invoice_id ?? undefined,
    approval: approval && {
      id: approval.id,
      initials: approval.initials ?? '',
      termsHash: approval.terms_hash ?? undefined,
      ip: approval.ip,
      userAgent: approval.user_agent,
      at: approval.at,
    },
    declineReason: row.decline_reason ?? undefined,
    sentAt: row.sent_at ?? undefined,
  };
}
