import type { PayLine } from '#src/components/pay-models.ts';
import { readAmount } from '#src/kernel/amount-text.ts';
import { minorDigits, type Money, money } from '#src/kernel/money.ts';
import { leastOf } from '#src/payments/taking/parts.ts';
import type { PaymentDraft } from '#src/payments/taking/pay.ts';
import { amount, decimalOf } from '../formatting.ts';
import type { FieldErrors, FormProblem } from '../forms.ts';
import { dueNote, installmentText } from '../status.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/* What is paid of each invoice on the payment page: all of it, what its payment plan asks for, or what somebody types. */

/**
 * What was typed as the amount of each invoice, by client id. An amount that was left as it came is none: it stands for the whole, whatever that
 * is by now.
 */
export function typedParts(
  { all }: FormProblem,
  currency: string,
  language: string,
): ReadonlyMap<string, string> {
  const parts = all?.('part') ?? [];
  const seen = all?.('seen') ?? [];
  const pairs = parts.map((part, i) => [seen[i] ?? '', part] as const);
  const changed = pairs.filter(
    ([saw, part]) => Number(saw.slice(25)) !== readAmount(part, minorDigits(currency), language),
  );
  return new Map(changed.map(([saw, part]) => [saw.slice(0, 24), part]));
}

/** What was typed, in minor units by client id; undefined where nothing could be. What is no amount is told beside its field. */
export function readParts(
  typed: readonly string[],
  seen: ReadonlyMap<string, number>,
  currency: string,
  language: string,
): { readonly read: ReadonlyMap<string, number> | undefined } | { readonly wrong: FieldErrors } {
  if (typed.length === 0) return { read: undefined };
  const ids = [...seen.keys()];
  const read = typed.map((text) => readAmount(text, minorDigits(currency), language));
  const wrong = read.flatMap((minor, i) =>
    minor && ids[i] !== undefined ? [] : [[`part:${ids[i]}`, BAD_PART]],
  );
  if (wrong.length > 0) return { wrong: Object.fromEntries(wrong) };
  return { read: new Map(read.map((minor, i) => [ids[i]!, minor!])) };
}

const BAD_PART = 'Enter an amount above zero, for example 120.50.';

/** What may be paid of an invoice, where that is not all of it alone. */
export function partsHint(
  least: Money | undefined,
  invoices: PaymentDraft['invoices'],
  language: string,
): string | undefined {
  const plan = invoices.some(({ planned }) => planned) ? 'You may pay more of a payment plan early.' : '';
  if (!least) return plan || undefined;
  const bound = least.minor > 1 ? ` At least ${amount(least, language)} of each, or all of it.` : '';
  return [`You may pay a part of an invoice now.${bound}`, plan].filter(Boolean).join(' ');
}

/** An invoice on the payment page, and what of it is paid. */
export interface ToPay {
  readonly line: PayLine;
  /** What is added up: what was typed, as far as it can be. */
  readonly pays: Money;
  readonly left: Money;
  readonly clientId: string;
  readonly number: string;
}

/** How an invoice stands on the page, with a field for what is paid of it where that may be less than all. */
export function lineOf(
  { scope, language }: Visitor,
  invoice: PaymentDraft['invoices'][number],
  isWhole: boolean | undefined,
  typed: ReadonlyMap<string, string>,
  { fields, first }: FormProblem,
): ToPay {
  const { clientId, number, left, planned } = invoice;
  const asked = isWhole ? left : invoice.due;
  const line = {
    label: number,
    note: dueNote(invoice, language),
    amount: amount(left, language),
    href: urls.invoice(clientId),
  };
  if (!leastOf(scope, invoice)) return { line, pays: left, left, clientId, number };
  const wrong = [number, clientId].map((one) => `part:${one}`).find((name) => fields[name]);
  const part = {
    label: `Pay now of ${number}`,
    value: typed.get(clientId) ?? decimalOf(asked, language),
    error: wrong && fields[wrong],
    focus: wrong !== undefined && wrong === first,
  };
  const note = planned
    ? `${installmentText(planned, language)}. ${line.amount} is open.`
    : `of ${line.amount}`;
  return {
    line: { ...line, note, part },
    pays: partOf(typed.get(clientId), asked, left, language),
    left,
    clientId,
    number,
  };
}

function partOf(typed: string | undefined, asked: Money, left: Money, language: string): Money {
  if (typed === undefined) return asked;
  const minor = readAmount(typed, minorDigits(left.currency), language);
  return minor && minor < left.minor ? money(minor, left.currency) : left;
}
