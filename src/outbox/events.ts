import { nowMs } from '../kernel/time.ts';
import type { CustomerScope, MerchantScope } from '../scope.ts';

/** What an event is about; the trail of an invoice, an account or a payment is found by these. */
export interface EventSubject {
  readonly customerId?: number;
  readonly invoiceId?: number | undefined;
  readonly estimateId?: number | undefined;
  readonly creditNoteId?: number | undefined;
  readonly paymentId?: number | undefined;
}

export interface NewEvent {
  readonly type: string;
  readonly subject: EventSubject;
  readonly data?: object;
}

/** Adds to the event trail in the caller's transaction: `invoice.paid`, `payment.created`, `customer.updated`, … */
export async function recordEvent(
  scope: MerchantScope | CustomerScope,
  type: string,
  subject: EventSubject,
  data: object = {},
): Promise<void> {
  if (scope.kind === 'merchant') return recordEvents(scope, [{ type, subject, data }]);
  const row = eventRow(scope, { type, subject, data });
  await scope.db.insert('events', { ...row, id: await scope.db.nextId('events') });
}

/** Like `recordEvent`, for many subjects of the tenant in one insert; each names its customer. */
export async function recordEvents(merchant: MerchantScope, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const ids = await merchant.db.nextIds('events', events.length);
  const rows = events.map((event, i) => ({
    ...eventRow(merchant, event),
    id: ids[i]!,
    customer_id: event.subject.customerId ?? null,
  }));
  await merchant.db.insert('events', rows);
}

function eventRow(scope: MerchantScope | CustomerScope, { type, subject, data }: NewEvent) {
  return {
    type,
    invoice_id: subject.invoiceId ?? null,
    estimate_id: subject.estimateId ?? null,
    credit_note_id: subject.creditNoteId ?? null,
    payment_id: subject.paymentId ?? null,
    data: JSON.stringify(data ?? {}),
    actor: scope.actor,
    at: nowMs(scope.clock),
  };
}
