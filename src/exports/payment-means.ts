import { z } from 'zod';

const Means = z.object({
  code: z.string().optional(),
  name: z.string().optional(),
  paymentId: z.string().optional(),
  iban: z.string().optional(),
  account: z.string().optional(),
  accountName: z.string().optional(),
  bic: z.string().optional(),
  cardMask: z.string().optional(),
  mandate: z.string().optional(),
  debitedAccount: z.string().optional(),
});
type Means = z.infer<typeof Means>;

/** UNTDID 4461: 49 direct debit, 59 SEPA direct debit. */
const DIRECT_DEBIT = new Set(['49', '59']);
/** 48 bank card, 54 credit card, 55 debit card. */
const CARD = new Set(['48', '54', '55']);

/**
 * How the document itself says it is to be paid (EN 16931 BG-16), as text of a few lines for people: account holder, IBAN, BIC, reference.
 * Takes what `invoices.payment_means` holds, one or a list; what cannot be read is left out. Undefined when nothing is left.
 */
export function paymentMeansText(stored: unknown): string | undefined {
  const all: unknown[] = Array.isArray(stored) ? stored : [stored];
  const texts = all.flatMap((one) => {
    const read = Means.safeParse(one);
    return read.success ? [meansLines(read.data).join('\n')] : [];
  });
  const distinct = [...new Set(texts)].filter((text) => text !== '');
  return distinct.length > 0 ? distinct.join('\n\n') : undefined;
}

function meansLines(means: Means): string[] {
  const code = means.code ?? '';
  if (DIRECT_DEBIT.has(code)) return debitLines(means);
  if (CARD.has(code)) return means.cardMask ? [`Card ${means.cardMask}`] : [];
  return [
    ...line('Account holder', means.accountName),
    ...line('IBAN', means.iban && grouped(means.iban)),
    ...line('Account', means.account),
    ...line('BIC', means.bic),
    ...line('Reference', means.paymentId),
  ];
}

function debitLines(means: Means): string[] {
  if (!means.mandate && !means.debitedAccount) return [];
  return [
    'Collected by direct debit',
    ...line('From', means.debitedAccount && grouped(means.debitedAccount)),
    ...line('Mandate', means.mandate),
    ...line('Reference', means.paymentId),
  ];
}

function line(label: string, value: string | undefined): string[] {
  return value?.trim() ? [`${label}: ${value.trim()}`] : [];
}

/** An IBAN in groups of four, as banks print it; other account numbers stay as they are. */
function grouped(account: string): string {
  return /^[A-Z]{2}\d{2}[A-Z0-9]{8,}$/.test(account) ? (account.match(/.{1,4}/g) ?? []).join(' ') : account;
}
