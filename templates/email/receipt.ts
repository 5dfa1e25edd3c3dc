import { plain } from './html.ts';
import { layout, textPart } from './layout.ts';
import type { Letter, Row, Sender } from './letter.ts';
import { button, facts, figure, figures, heading, smallParagraph } from './parts.ts';

/** One payment, however many invoices it paid. Amounts are formatted, dates written out. */
export interface ReceiptLetter {
  readonly sender: Sender;
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
  const { sender, total } = model;
  const title = model.pending ? 'Your payment is on its way' : 'Thank you for your payment';
  const subject = plain(`Receipt ${model.number}: ${total} to ${sender.name}`, 180);
  return {
    subject,
    html: layout({
      sender,
      title: subject,
      preheader: `${total} with ${model.method} on ${model.paidOn}. ${invoiceCount(model)}`,
      body: [
        heading(`Receipt ${model.number}`, title),
        figure(total, `paid on ${model.paidOn} with ${model.method}`),
        figures(rows(model), { label: 'Total paid', value: total }),
        button('View receipt', model.url, sender),
        facts([
          { label: 'Paid for', value: model.customer },
          { label: 'Account', value: model.account },
          { label: 'Attached', value: model.attachment },
        ]),
        ...(model.pending ? [smallParagraph(PENDING)] : []),
      ],
      reason: reason(model),
    }),
    text: textPart(sender, reason(model), textLines(model, title)),
  };
}

const PENDING =
  'Your bank has not confirmed it yet. You need not do anything; we write again only if it does not arrive.';

function textLines(model: ReceiptLetter, title: string): string[] {
  const { total } = model;
  const list: Row[] = [...rows(model), { label: 'Total paid', value: total }];
  return [
    `${title}.`,
    '',
    `Receipt ${model.number}`,
    `${total} paid on ${model.paidOn} with ${model.method}`,
    `Paid for ${model.customer}, account ${model.account}`,
    ...(model.pending ? ['', PENDING] : []),
    '',
    ...list.map(({ label, value, note }) => `${label}: ${value}${note ? ` (${note})` : ''}`),
    '',
    `View receipt: ${model.url}`,
    `Attached: ${model.attachment}`,
  ];
}

function rows({ invoices, deposits = [], credited, fee }: ReceiptLetter): Row[] {
  return [
    ...invoices.map(({ number, amount, stillOpen }) => ({
      label: `Invoice ${number}`,
      value: amount,
      note: stillOpen ? `${stillOpen} still open` : undefined,
    })),
    ...deposits.map(({ number, amount }) => ({
      label: `Deposit for estimate ${number}`,
      value: amount,
      note: 'kept for its invoice',
    })),
    ...(credited ? [{ label: 'Account credit', value: credited, note: 'kept for your next invoices' }] : []),
    ...(fee ? [{ label: 'Fee', value: fee }] : []),
  ];
}

function invoiceCount({ invoices, deposits = [] }: ReceiptLetter): string {
  const [only] = invoices;
  if (deposits[0]) return `Deposit for estimate ${deposits[0].number}.`;
  if (invoices.length === 0) return 'Kept as credit on your account.';
  return invoices.length === 1 ? `Invoice ${only?.number}.` : `${invoices.length} invoices.`;
}

function reason({ sender, customer }: ReceiptLetter): string {
  return `You get this mail because a payment to ${sender.name} was made for ${customer}.`;
}
