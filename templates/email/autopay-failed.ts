import { plain } from './html.ts';
import { layout, textPart } from './layout.ts';
import type { Letter, Letterhead, Row } from './letter.ts';
import { button, figure, figures, heading, paragraph, smallParagraph } from './parts.ts';

/** A try of AutoPay, or of an installment, that failed. Amounts are formatted, dates written out. */
export interface AutopayFailedLetter extends Letterhead {
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
  const { sender, words, total, method } = model;
  const said = sayings(model);
  const subject = plain(said.subject, 180);
  const footReason = words.letters.autopayReason({ merchant: sender.name, customer: model.customer });
  const labelled = words.letters.labelled;
  return {
    subject,
    html: layout({
      sender,
      words,
      title: subject,
      preheader: `${model.reason} ${said.next}`,
      body: [
        heading(said.about, words.letters.failedTitle),
        figure(total, words.letters.fromMethod({ method })),
        paragraph(model.reason),
        paragraph(said.next),
        button(words.letters.updateMethod, model.methodsUrl, sender),
        figures(words.tongue.direction, rows(model)),
        smallParagraph(words.letters.updateHint),
      ],
      reason: footReason,
    }),
    text: textPart(model, footReason, [
      said.intro,
      '',
      labelled({ label: words.letters.fromMethod({ method }), value: model.reason }),
      said.next,
      '',
      labelled({ label: words.letters.updateMethod, value: model.methodsUrl }),
      ...listed(model).map(({ number, url }) =>
        labelled({ label: words.letters.invoice({ number }), value: url }),
      ),
      ...moreOf(model),
      '',
      words.letters.updateHint,
    ]),
  };
}

/** How many invoices a mail lists one by one. */
const MOST_LISTED = 10;

interface Sayings {
  readonly about: string;
  readonly subject: string;
  readonly intro: string;
  readonly next: string;
}

/** The sentences that name what was to be paid: one invoice by its number, several by how many they are. */
function sayings({ words, invoices, total, nextOn }: AutopayFailedLetter): Sayings {
  const count = invoices.length;
  const next = nextOn && words.letters.nextTry({ date: nextOn });
  if (count === 1) {
    const { number } = invoices[0]!;
    return {
      about: words.letters.invoice({ number }),
      subject: words.letters.failedSubject({ total, number }),
      intro: words.letters.failedIntro({ total, number }),
      next: next ?? words.letters.lastTry({ number }),
    };
  }
  return {
    about: words.letters.invoices({ count }),
    subject: words.letters.failedSubjectMany({ total, count }),
    intro: words.letters.failedIntroMany({ total, count }),
    next: next ?? words.letters.lastTryMany({ count }),
  };
}

function listed({ invoices }: AutopayFailedLetter): AutopayFailedLetter['invoices'] {
  return invoices.slice(0, MOST_LISTED);
}

function moreOf({ words, invoices }: AutopayFailedLetter): string[] {
  const count = invoices.length - MOST_LISTED;
  return count > 0 ? [words.letters.more({ count })] : [];
}

function rows(model: AutopayFailedLetter): Row[] {
  const { words, fee, nextOn, total, invoices } = model;
  const next = { label: words.letters.nextTryLabel, value: nextOn ?? words.letters.noNextTry };
  const invoice = (number: string): string => words.letters.invoice({ number });
  if (invoices.length === 1) return [{ label: invoice(invoices[0]!.number), value: total }, next];
  return [
    ...listed(model).map(({ number, amount }) => ({ label: invoice(number), value: amount })),
    ...moreOf(model).map((label) => ({ label, value: '' })),
    ...(fee ? [{ label: words.letters.fee, value: fee }] : []),
    { label: words.letters.total, value: total },
    next,
  ];
}
