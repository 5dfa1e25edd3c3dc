import { plain } from './html.ts';
import { layout, textPart } from './layout.ts';
import type { Letter, Row, Sender } from './letter.ts';
import { button, figure, figures, heading, paragraph } from './parts.ts';

/** Something that became of a payment later: a debit that was returned, money that was given back. Amounts are formatted. */
export interface PaymentNews {
  readonly sender: Sender;
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
  const { sender, title, amount, note, paragraphs, rows } = news;
  const subject = plain(news.subject, 180);
  return {
    subject,
    html: layout({
      sender,
      title: subject,
      preheader: paragraphs.join(' '),
      body: [
        heading(news.about, title),
        figure(amount, note),
        ...paragraphs.map(paragraph),
        button(news.button.label, news.button.url, sender),
        ...(rows.length > 0 ? [figures(rows)] : []),
      ],
      reason: news.reason,
    }),
    text: textPart(sender, news.reason, [
      `${title}.`,
      '',
      news.about,
      `${amount} ${note}`,
      ...paragraphs.flatMap((text) => ['', text]),
      '',
      ...rows.map(({ label, value }) => `${label}: ${value}`),
      '',
      `${news.button.label}: ${news.button.url}`,
    ]),
  };
}
