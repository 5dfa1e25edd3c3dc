import { plain } from './html.ts';
import { layout, textPart } from './layout.ts';
import type { Letter, Row, Sender } from './letter.ts';
import { button, figure, figures, heading, paragraph, smallParagraph } from './parts.ts';

/** A try of AutoPay, or of an instalment, that failed. Amounts are formatted, dates written out. */
export interface AutopayFailedLetter {
  readonly sender: Sender;
  /** What was to be collected, one or more; `amount` is without the fee. */
  readonly invoices: ReadonlyArray<{
    readonly number: string;
    readonly amount: string;
    readonly url: string;
  }>;
  /** The fee in the total; absent where there is none. */
  readonly fee: string | undefined;
  /** What was to be taken, fee included. */
  readonly total: string;
  readonly method: string;
  /** Why it failed, as a sentence for the payer. */
  readonly reason: string;
  /** The day of the next try; absent after the last. */
  readonly nextOn: string | undefined;
  readonly customer: string;
  readonly methodsUrl: string;
}

/** The mail after a failed try: why, what happens next, and the way to another payment method. */
export function autopayFailedLetter(model: AutopayFailedLetter): Letter {
  const { sender, total } = model;
  const subject = plain(`${total} for ${whatOf(model)} could not be collected`, 180);
  return {
    subject,
    html: layout({
      sender,
      title: subject,
      preheader: `${model.reason} ${nextStep(model)}`,
      body: [
        heading(capital(whatOf(model)), 'Your payment was not taken'),
        figure(total, `from ${model.method}`),
        paragraph(model.reason),
        paragraph(nextStep(model)),
        button('Update payment method', model.methodsUrl, sender),
        figures(rows(model)),
        smallParagraph(HINT),
      ],
      reason: reason(model),
    }),
    text: textPart(sender, reason(model), [
      `Your payment of ${total} for ${whatOf(model)} was not taken.`,
      '',
      `From ${model.method}: ${model.reason}`,
      nextStep(model),
      '',
      `Update payment method: ${model.methodsUrl}`,
      ...listed(model).map(({ number, url }) => `Invoice ${number}: ${url}`),
      ...moreOf(model),
      '',
      HINT,
    ]),
  };
}

const HINT = 'With a new payment method we try again at once, and you see there and then whether it worked.';

/** How many invoices a mail lists one by one. */
const MOST_LISTED = 10;

function nextStep(model: AutopayFailedLetter): string {
  return model.nextOn
    ? `We will try again on ${model.nextOn}.`
    : `We will not try again by ourselves: please pay ${whatOf(model)}, or use another payment method.`;
}

/** `invoice INV-1`, `5 invoices`. */
function whatOf({ invoices }: AutopayFailedLetter): string {
  const [first, ...more] = invoices;
  return more.length === 0 ? `invoice ${first!.number}` : `${invoices.length} invoices`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function listed({ invoices }: AutopayFailedLetter): AutopayFailedLetter['invoices'] {
  return invoices.slice(0, MOST_LISTED);
}

function moreOf({ invoices }: AutopayFailedLetter): string[] {
  return invoices.length > MOST_LISTED ? [`And ${invoices.length - MOST_LISTED} more.`] : [];
}

function rows(model: AutopayFailedLetter): Row[] {
  const { fee, nextOn, total } = model;
  const [only, ...others] = model.invoices;
  const next = { label: 'Next try', value: nextOn ?? 'None' };
  if (others.length === 0) return [{ label: `Invoice ${only!.number}`, value: total }, next];
  return [
    ...listed(model).map(({ number, amount }) => ({ label: `Invoice ${number}`, value: amount })),
    ...moreOf(model).map((label) => ({ label, value: '' })),
    ...(fee ? [{ label: 'Fee', value: fee }] : []),
    { label: 'Together', value: total },
    next,
  ];
}

function reason({ sender, customer }: AutopayFailedLetter): string {
  return `You get this mail because ${sender.name} collects the invoices of ${customer} by AutoPay.`;
}
