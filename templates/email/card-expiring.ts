import { plain } from './html.ts';
import { layout, textPart } from './layout.ts';
import type { Letter, Letterhead } from './letter.ts';
import { button, figure, heading, paragraph } from './parts.ts';

/** A card that invoices are collected from, in its last month. Dates are written out. */
export interface CardExpiringLetter extends Letterhead {
  /** `Visa ending 4242`. */
  readonly method: string;
  /** The last day on which it can be charged. */
  readonly until: string;
  readonly customer: string;
  readonly addUrl: string;
}

/** The mail at the start of a card's last month: what it pays, and the way to another one. */
export function cardExpiringLetter(model: CardExpiringLetter): Letter {
  const { sender, words, method, until: date, customer } = model;
  const merchant = sender.name;
  const subject = plain(words.letters.expiringSubject({ method, date }), 180);
  const reason = words.letters.autopayReason({ merchant, customer });
  const use = words.letters.expiringUse({ merchant, method });
  return {
    subject,
    html: layout({
      sender,
      words,
      title: subject,
      preheader: words.letters.expiringNext,
      body: [
        heading(words.letters.expiringKicker, words.letters.expiringTitle),
        figure(words.tongue.name(method), words.letters.goodUntil({ date })),
        paragraph(use),
        paragraph(words.letters.expiringNext),
        button(words.letters.addCard, model.addUrl, sender),
      ],
      reason,
    }),
    text: textPart(model, reason, [
      words.letters.expiringIntro({ method, date }),
      '',
      use,
      words.letters.expiringNext,
      '',
      words.letters.labelled({ label: words.letters.addCard, value: model.addUrl }),
    ]),
  };
}
