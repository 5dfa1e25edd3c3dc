import { plain } from './html.ts';
import { layout, textPart } from './layout.ts';
import type { Letter, Row, Sender } from './letter.ts';
import { button, figure, figures, heading, paragraph, smallParagraph } from './parts.ts';

/** A try of AutoPay, or of an instalment, that failed. Amounts are formatted, dates written out. */
export interface AutopayFailedLetter {
  readonly sender: Sender;
  readonly invoice: string;
  /** What was to be taken, fee included. */
  readonly total: string;
  readonly method: string;
  /** Why it failed, as a sentence for the payer. */
  readonly reason: string;
  /** The day of the next try; absent after the last. */
  readonly nextOn: string | undefined;
  readonly customer: string;
  readonly methodsUrl: string;
  readonly invoiceUrl: string;
}

/** The mail after a failed try: why, what happens next, and the way to another payment method. */
export function autopayFailedLetter(model: AutopayFailedLetter): Letter {
  const { sender, total } = model;
  const subject = plain(`${total} for invoice ${model.invoice} could not be collected`, 180);
  return {
    subject,
    html: layout({
      sender,
      title: subject,
      preheader: `${model.reason} ${nextStep(model)}`,
      body: [
        heading(`Invoice ${model.invoice}`, 'Your payment was not taken'),
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
      `Your payment of ${total} for invoice ${model.invoice} was not taken.`,
      '',
      `From ${model.method}: ${model.reason}`,
      nextStep(model),
      '',
      `Update payment method: ${model.methodsUrl}`,
      `Invoice ${model.invoice}: ${model.invoiceUrl}`,
      '',
      HINT,
    ]),
  };
}

const HINT = 'With a new payment method we try again at once, and you see there and then whether it worked.';

function nextStep({ nextOn, invoice }: AutopayFailedLetter): string {
  return nextOn
    ? `We will try again on ${nextOn}.`
    : `We will not try again by ourselves: please pay invoice ${invoice}, or use another payment method.`;
}

function rows({ invoice, total, nextOn }: AutopayFailedLetter): Row[] {
  return [
    { label: `Invoice ${invoice}`, value: total },
    { label: 'Next try', value: nextOn ?? 'None' },
  ];
}

function reason({ sender, customer }: AutopayFailedLetter): string {
  return `You get this mail because ${sender.name} collects the invoices of ${customer} by AutoPay.`;
}
