import { plain } from './html.ts';
import { layout, textPart } from './layout.ts';
import type { Letter, Sender } from './letter.ts';
import { button, figure, heading, paragraph } from './parts.ts';

/** A card that invoices are collected from, in its last month. Dates are written out. */
export interface CardExpiringLetter {
  readonly sender: Sender;
  /** `Visa ending 4242`. */
  readonly method: string;
  /** The last day on which it can be charged. */
  readonly until: string;
  readonly customer: string;
  readonly addUrl: string;
}

/** The mail at the start of a card's last month: what it pays, and the way to another one. */
export function cardExpiringLetter(model: CardExpiringLetter): Letter {
  const { sender, method, until } = model;
  const subject = plain(`Your ${method} expires on ${until}`, 180);
  return {
    subject,
    html: layout({
      sender,
      title: subject,
      preheader: NEXT,
      body: [
        heading('AutoPay', 'Your card expires soon'),
        figure(method, `good until ${until}`),
        paragraph(uses(model)),
        paragraph(NEXT),
        button('Add a card', model.addUrl, sender),
      ],
      reason: reason(model),
    }),
    text: textPart(sender, reason(model), [
      `Your ${method} is good until ${until}.`,
      '',
      uses(model),
      NEXT,
      '',
      `Add a card: ${model.addUrl}`,
    ]),
  };
}

const NEXT = 'Add another one before then, and your invoices go on being paid by themselves.';

function uses({ sender, method }: CardExpiringLetter): string {
  return `${sender.name} collects your invoices from ${method}. After that day it cannot be charged any more.`;
}

function reason({ sender, customer }: CardExpiringLetter): string {
  return `You get this mail because ${sender.name} collects the invoices of ${customer} by AutoPay.`;
}
