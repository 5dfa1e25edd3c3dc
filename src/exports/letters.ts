import { z } from 'zod';
import { plain } from '#templates/email/html.ts';
import type { Letter, Sender } from '#templates/email/letter.ts';
import { receiptLetter } from '#templates/email/receipt.ts';
import { signInLetter } from '#templates/email/sign-in.ts';
import { billingDetails } from '../customers/customers.ts';
import { canonicalEmail } from '../customers/email.ts';
import { isPositive, sum } from '../kernel/money.ts';
import { nowMs } from '../kernel/time.ts';
import type { LetterWriter, OutboxRow } from '../outbox/dispatch.ts';
import type { Mail } from '../outbox/mail.ts';
import { openSignInMail } from '../outbox/sign-in-seal.ts';
import { receiptOfPayment } from '../payments/receipts/receipts.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '../scope.ts';
import { writeAutopayFailed, writeCardExpiring } from './autopay-letter.ts';
import { writeDebitReturned, writeRefund } from './payment-letters.ts';
import { receiptFile } from './pdf.ts';
import { wordsOf } from './wording.ts';
import { wordsIn } from '../words/words.ts';
import { urls } from '#src/portal/urls.ts';

/** Who words the mail of each topic. Written when it leaves, from the rows as they are then. */
export const letterWriters: Readonly<Record<string, LetterWriter>> = {
  autopay_failed: customerLetter(writeAutopayFailed),
  card_expiring: customerLetter(writeCardExpiring),
  debit_returned: customerLetter(writeDebitReturned),
  receipt: writeReceipt,
  refund: customerLetter(writeRefund),
  sign_in: writeSignIn,
};

type CustomerLetter = (scope: CustomerScope, sender: Sender, payload: unknown) => Promise<Letter | undefined>;

/** A letter to a customer without anything attached; it may find that there is nothing to say any more. */
function customerLetter(write: CustomerLetter): LetterWriter {
  return async (merchant, row) => {
    if (row.customerId === undefined) throw new Error(`a letter about ${row.topic} belongs to a customer`);
    const scope = customerScope(merchant, row.customerId);
    const letter = await write(scope, senderOf(merchant), row.payload);
    return letter && mailOf(merchant, row, letter, []);
  };
}

const ReceiptPayload = z.object({ paymentId: z.number().int() });

/** The receipt of a payment with its PDF. Nothing to say once the payment failed or was voided. */
async function writeReceipt(merchant: MerchantScope, row: OutboxRow): Promise<Mail | undefined> {
  const { paymentId } = ReceiptPayload.parse(row.payload);
  if (row.customerId === undefined) throw new Error('a receipt belongs to a customer');
  const scope = customerScope(merchant, row.customerId);
  const receipt = await receiptOfPayment(scope, paymentId);
  if (receipt.state === 'failed' || receipt.state === 'voided') return undefined;
  const customer = await billingDetails(scope);
  const words = wordsOf(scope, customer);
  const { money: amount, date } = words.tongue;
  const pdf = await receiptFile(scope, customer, receipt);
  const letter = receiptLetter({
    sender: senderOf(merchant),
    words,
    number: receipt.number,
    total: amount(sum([receipt.amount, receipt.fee], receipt.amount.currency)),
    paidOn: date(receipt.date),
    method: receipt.methodLabel,
    customer: customer.name,
    account: customer.number,
    pending: receipt.state === 'pending',
    invoices: receipt.applied.map(({ number, amount: paid, balance }) => ({
      number,
      amount: amount(paid),
      stillOpen: isPositive(balance) ? amount(balance) : undefined,
    })),
    deposits: receipt.deposits.map((deposit) => ({
      number: deposit.number,
      amount: amount(deposit.amount),
    })),
    credited: isPositive(receipt.credited) ? amount(receipt.credited) : undefined,
    fee: isPositive(receipt.fee) ? amount(receipt.fee) : undefined,
    url: merchant.tenant.origin + urls.receipt(receipt.clientId),
    attachment: pdf.name,
  });
  return mailOf(merchant, row, letter, [{ name: pdf.name, type: 'application/pdf', content: pdf.bytes }]);
}

/** The link and the code of an e-mail sign-in. Nothing to say once they have expired. Throws when it was sealed for another tenant. */
async function writeSignIn(merchant: MerchantScope, row: OutboxRow): Promise<Mail | undefined> {
  const { tenant, clock } = merchant;
  const asked = openSignInMail(merchant, row.payload);
  if (asked.expiresAt <= nowMs(clock)) return undefined;
  const words = wordsIn(asked.language, tenant.language);
  const time = (atMs: number): string => words.tongue.time(atMs, tenant.timeZone);
  const letter = signInLetter({
    sender: senderOf(merchant),
    words,
    url: asked.url,
    code: asked.code,
    until: time(asked.expiresAt),
    askedAt: time(asked.requestedAt),
    askedFrom: asked.address,
    host: new URL(tenant.origin).host,
  });
  return mailOf(merchant, row, letter, []);
}

/**
 * The envelope: one recipient of the strict grammar, a Message-ID that is the same at every try, and names that cannot end a header.
 * Refuses `bad_email`.
 */
function mailOf(
  { tenant, settings, mailFrom }: MerchantScope,
  row: OutboxRow,
  letter: Letter,
  attachments: Mail['attachments'],
): Mail {
  canonicalEmail(row.recipient);
  return {
    messageId: `outbox-${row.id}.${tenant.username}@${new URL(tenant.origin).hostname}`,
    from: { name: headerName(settings['mail.from_name'] || tenant.name), address: mailFrom },
    to: row.recipient.trim(),
    replyTo: settings['mail.reply_to'] || settings['portal.support_email'] || tenant.email,
    ...letter,
    attachments,
    tenantId: tenant.id,
    customerId: row.customerId,
  };
}

function senderOf({ tenant, settings }: MerchantScope): Sender {
  return {
    name: tenant.name,
    accent: settings['brand.accent'],
    addressLines: tenant.addressLines,
    email: settings['portal.support_email'] || tenant.email || settings['mail.reply_to'] || undefined,
    phone: tenant.phone,
  };
}

/** A display name that no mail program reads as an address: one line, without quotes, angle brackets and backslashes. */
function headerName(name: string): string {
  return plain(name.replace(/["<>\\]/g, ' '), 100).replace(/ {2,}/g, ' ') || 'Billing';
}
