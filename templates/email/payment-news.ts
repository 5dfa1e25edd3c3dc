import { plain } from './html.ts';
import { layout, textPart } from './layout.ts';
import type { Letter, Letterhead, Row } from './letter.ts';
import { button, figure, figures, heading, paragraph } from './parts.ts';

/** Something that became of a payment later: a debit that was returned, money that was given back. Amounts are formatted. */
export interface PaymentNews extends Letterhead {
  /** One line. */
  readonly subject: string;
  /** Small, above the title. */
  readonly about: string;
  readonly title: string;
  readonly amount: string;
  /** Under the amount. */
  readonly note: string;
  /** What happened and what to do, one sentence or a few each. */
  readonly paragraphs: readonly string[];
  readonly rows: readonly Row[];
  readonly button: { readonly label: string; readonly url: string };
  /** Why they get this mail. */
  readonly reason: string;
}

export function paymentNewsLetter(news: PaymentNews): Letter {
  const { sender, words, title, amount, note, paragraphs, rows } = news;
  const subject = plain(news.subject, 180);
  return {
    subject,
    html: layout({
      sender,
      words,
      title: subject,
      preheader: paragraphs.join(' '),
      body: [
        heading(news.about, title),
        figure(amount, note),
        ...paragraphs.map(paragraph),
        button(news.button.label, news.button.url, sender),
        ...(rows.length > 0 ? [figures(words.tongue.direction, rows)] : []),
      ],
      reason: news.reason,
    }),
    text: textPart(news, news.reason, [
      title,
      '',
      news.about,
      words.letters.labelled({ label: note, value: amount }),
      ...paragraphs.flatMap((text) => ['', text]),
      '',
      ...rows.map((row) => words.letters.labelled(row)),
      '',
      words.letters.labelled({ label: news.button.label, value: news.button.url }),
    ]),
  };
}
