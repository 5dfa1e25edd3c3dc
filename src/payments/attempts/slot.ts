import type { CustomerScope } from '../../scope.ts';

/**
 * One try to collect something by itself: the second try of an invoice is another slot than the first. Each slot belongs to one attempt at most,
 * so that it is charged once at most; one attempt may be for several.
 */
export interface Slot {
  readonly kind: 'autopay' | 'installment';
  /** Of the invoice, or of the instalment. */
  readonly id: number;
  /** Counted from 1. */
  readonly attempt: number;
}

/** A slot with what its attempt is to collect for it. */
export interface CollectedSlot extends Slot {
  readonly invoiceId: number;
  /** Minor units, without a fee. */
  readonly minor: number;
}

/** `autopay:7:1`, `installment:12:3`. */
export function slotName({ kind, id, attempt }: Slot): string {
  return `${kind}:${id}:${attempt}`;
}

/** The slot of a name; undefined for what is none. */
export function readSlot(name: string): Slot | undefined {
  const [, kind, id, count] = /^(autopay|installment):(\d{1,16}):(\d{1,6})$/.exec(name) ?? [];
  return kind === undefined
    ? undefined
    : { kind: kind as Slot['kind'], id: Number(id), attempt: Number(count) };
}

/** The slots that an attempt is for; none for what a person pays. */
export async function slotsOf(scope: CustomerScope, attemptId: string): Promise<CollectedSlot[]> {
  const rows = await scope.db
    .from('attempt_slots')
    .select(['slot', 'invoice_id', 'amount_minor'])
    .where('attempt_id', '=', attemptId)
    .orderBy('invoice_id')
    .orderBy('slot')
    .execute();
  return rows.flatMap((row) => {
    const slot = readSlot(row.slot);
    return slot ? [{ ...slot, invoiceId: row.invoice_id, minor: row.amount_minor }] : [];
  });
}

/** Whether nobody was there when an attempt was made: AutoPay made it, or a payment plan. */
export function isCollected({ source }: { readonly source: string }): boolean {
  return source === 'autopay' || source === 'installment';
}
