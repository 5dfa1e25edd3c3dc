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

/** Adds to the event trail in the caller's transaction: `invoice.paid`, `payment.created`, `customer.updated`, … */
export async function recordEvent(
  scope: MerchantScope | CustomerScope,
  type: string,
  subject: EventSubject,
  data: object = {},
): Promise<void> {
  const row = {
    type,
    invoice_id: subject.invoiceId ?? null,
    estimate_id: subject.estimateId ?? null,
    credit_note_id: subject.creditNoteId ?? null,
    payment_id: subject.paymentId ?? null,
    data: JSON.stringify(data),
    actor: scope.actor,
    at: nowMs(scope.clock),
  };
  if (scope.kind === 'customer') {
    await scope.db.insert('events', { ...row, id: await scope.db.nextId('events') });
  } else {
    await scope.db.insert('events', {
      ...row,
      id: await scope.db.nextId('events'),
      customer_id: subject.customerId ?? null,
    });
  }
}
