/**
 * One try to collect something by itself: the second try of an invoice is another slot than the first. Each slot charges at most once, because
 * its name is the nonce of its attempt.
 */
export interface Slot {
  readonly kind: 'autopay' | 'installment';
  /** Of the invoice, or of the instalment. */
  readonly id: number;
  /** Counted from 1. */
  readonly attempt: number;
}

/** `autopay:7:1`, `installment:12:3`. */
export function nonceOf({ kind, id, attempt }: Slot): string {
  return `${kind}:${id}:${attempt}`;
}

/** The slot that an attempt was made for; undefined for what a person paid. */
export function slotOf(attempt: { readonly source: string; readonly nonce: string }): Slot | undefined {
  const [, kind, id, count] = /^(autopay|installment):(\d{1,16}):(\d{1,6})$/.exec(attempt.nonce) ?? [];
  if (kind === undefined || kind !== attempt.source) return undefined;
  return { kind: kind as Slot['kind'], id: Number(id), attempt: Number(count) };
}
