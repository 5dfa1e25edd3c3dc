import { z } from 'zod';
import { canonicalEmail } from '#src/customers/email.ts';
import { Refusal } from '#src/kernel/errors.ts';
import type { PaymentOutcome } from '#src/payments/taking/charge.ts';
import type { CardDetails } from '#src/payments/gateways/gateway.ts';
import type { FormProblem } from '../forms.ts';

const digits = (text: string): string => text.replace(/[\s-]/g, '');

/** A card as a form sends it: the test gateway's fields. A real gateway has its own. */
export const CardForm = z.object({
  number: z
    .string()
    .transform(digits)
    .pipe(z.string().regex(/^\d{12,19}$/, 'Enter the 12 to 19 digits on the card.')),
  expiry: z
    .string()
    .trim()
    .regex(/^(0?[1-9]|1[0-2])\s*[/.-]?\s*(\d{2}|\d{4})$/, 'Write month and year, for example 08/28.'),
  cvc: z
    .string()
    .trim()
    .regex(/^\d{3,4}$/, 'Enter the 3 or 4 digits of the security code.'),
  name: z.string().trim().min(2, 'Enter the name on the card.').max(100),
});
export type CardForm = z.infer<typeof CardForm>;

/** Where a receipt goes; empty means the customer's own address. */
export const ReceiptEmail = z.string().trim().max(254).optional().transform(readEmail);

export function cardOf(form: CardForm): CardDetails {
  const [, month = '', year = ''] = /^(\d{1,2})\s*[/.-]?\s*(\d{2,4})$/.exec(form.expiry) ?? [];
  const expYear = year.length === 2 ? 2000 + Number(year) : Number(year);
  return { number: form.number, expMonth: Number(month), expYear, cvc: form.cvc, holder: form.name };
}

const FORM_FIELD: Readonly<Partial<Record<keyof CardDetails, string>>> = {
  number: 'number',
  expYear: 'expiry',
  cvc: 'cvc',
};

/** A declined card as a problem of the form: the reason stands beside the field that it belongs to. */
export function declinedCard(
  outcome: Pick<Extract<PaymentOutcome, { state: 'declined' }>, 'field' | 'message'>,
): FormProblem {
  const field = (outcome.field && FORM_FIELD[outcome.field]) ?? 'number';
  return { typed: {}, fields: { [field]: outcome.message }, refusal: undefined };
}

function readEmail(text: string | undefined, context: z.RefinementCtx): string | undefined {
  if (!text) return undefined;
  try {
    canonicalEmail(text);
    return text;
  } catch (error) {
    context.addIssue({
      code: 'custom',
      message:
        error instanceof Refusal ? `${error.publicly.message} ${error.publicly.hint}` : 'Check this address.',
    });
    return z.NEVER;
  }
}
