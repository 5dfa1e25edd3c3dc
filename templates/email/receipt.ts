import { plain } from './html.ts';
import { layout, textPart } from './layout.ts';
import type { Letter, Letterhead, Row } from './letter.ts';
import { button, facts, figure, figures, heading, smallParagraph } from './parts.ts';

/** One payment, however many invoices it paid. Amounts are formatted, dates written out. */
export interface ReceiptLetter extends Letterhead {
  readonly number: string;
  /** Everything that was paid, fee included. */
  readonly total: string;
  readonly paidOn: string;
  readonly method: string;
  /** The customer that paid. */
  readonly customer: string;
  readonly account: string;
  /** Charged, not settled yet. */
  readonly pending: boolean;
  readonly invoices: ReadonlyArray<{
    readonly number: string;
    readonly amount: string;
    /** What the invoice still needs; absent when it is paid. */
    readonly stillOpen?: string | undefined;
  }>;
  /** Deposits of estimates. */
  readonly deposits?: ReadonlyArray<{ readonly number: string; readonly amount: string }> | undefined;
  readonly credited?: string | undefined;
  readonly fee?: string | undefined;
  /** The receipt's page. */
  readonly url: string;
  readonly attachment: string;
}

export function receiptLetter(model: ReceiptLetter): Letter {
  const { sender, words, total, number, method, paidOn: date, customer } = model;
  const { direction } = words.tongue;
  const title = model.pending ? words.letters.onItsWay : words.letters.thanks;
  const subject = plain(words.letters.receiptSubject({ number, total, merchant: sender.name }), 180);
  const reason = words.letters.paymentReason({ merchant: sender.name, customer });
  return {
    subject,
    html: layout({
      sender,
      words,
      title: subject,
      preheader: inShort(model),
      body: [
        heading(words.letters.receipt({ number }), title),
        figure(total, words.letters.paidOnWith({ date, method })),
        figures(direction, rows(model), { label: words.letters.totalPaid, value: total }),
        button(words.letters.viewReceipt, model.url, sender),
        facts(direction, factsOf(model)),
        ...(model.pending ? [smallParagraph(words.letters.pending)] : []),
      ],
      reason,
    }),
    text: textPart(model, reason, textLines(model, title)),
  };
}

function textLines(model: ReceiptLetter, title: string): string[] {
  const { words, total, number, method, paidOn: date } = model;
  const list: Row[] = [...rows(model), { label: words.letters.totalPaid, value: total }];
  return [
    title,
    '',
    words.letters.receipt({ number }),
    words.letters.labelled({ label: words.letters.paidOnWith({ date, method }), value: total }),
    ...(model.pending ? ['', words.letters.pending] : []),
    '',
    ...list.map(({ label, value, note }) =>
      note
        ? words.letters.labelledWithNote({ label, value, note })
        : words.letters.labelled({ label, value }),
    ),
    '',
    words.letters.labelled({ label: words.letters.viewReceipt, value: model.url }),
    ...factsOf(model).map((fact) => words.letters.labelled(fact)),
  ];
}

function factsOf({ words, customer, account, attachment }: ReceiptLetter): Row[] {
  return [
    { label: words.letters.paidFor, value: words.tongue.name(customer) },
    { label: words.letters.account, value: words.tongue.name(account) },
    { label: words.letters.attached, value: words.tongue.name(attachment) },
  ];
}

function rows({ words, invoices, deposits = [], credited, fee }: ReceiptLetter): Row[] {
  return [
    ...invoices.map(({ number, amount, stillOpen }) => ({
      label: words.letters.invoice({ number }),
      value: amount,
      note: stillOpen && words.letters.stillDue({ amount: stillOpen }),
    })),
    ...deposits.map(({ number, amount }) => ({
      label: words.letters.depositFor({ number }),
      value: amount,
      note: words.letters.depositKept,
    })),
    ...(credited
      ? [{ label: words.letters.accountCredit, value: credited, note: words.letters.creditKept }]
      : []),
    ...(fee ? [{ label: words.letters.fee, value: fee }] : []),
  ];
}

/** What was paid and what for, in a sentence. */
function inShort({ words, total, method, paidOn: date, invoices, deposits = [] }: ReceiptLetter): string {
  const paid = { total, method, date };
  const [deposit] = deposits;
  if (deposit) return words.letters.paidDeposit({ ...paid, number: deposit.number });
  const [only, ...others] = invoices;
  if (!only) return words.letters.paidInAdvance(paid);
  return others.length === 0
    ? words.letters.paidInvoice({ ...paid, number: only.number })
    : words.letters.paidInvoices({ ...paid, count: invoices.length });
}
