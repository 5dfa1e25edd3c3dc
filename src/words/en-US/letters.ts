import type { Tongue } from '../tongue.ts';

/** Every mail to a customer. Amounts, dates and times arrive written out. */
export const letters = ({ name, plural }: Tongue) => ({
  questionsByEmail: ({ email }: { email: string }) =>
    `Questions? Reply to this email or write to ${name(email)}.`,
  questionsByEmailOrPhone: ({ email, phone }: { email: string; phone: string }) =>
    `Questions? Reply to this email, write to ${name(email)}, or call ${name(phone)}.`,
  questionsByPhone: ({ phone }: { phone: string }) => `Questions? Call ${name(phone)}.`,
  questionsTo: ({ merchant }: { merchant: string }) => `Questions? Contact ${name(merchant)}.`,
  addressLine: ({ lines }: { lines: readonly string[] }) => lines.map(name).join(', '),
  labelled: ({ label, value }: { label: string; value: string }) => `${label}: ${value}`,
  labelledWithNote: ({ label, value, note }: { label: string; value: string; note: string }) =>
    `${label}: ${value} (${note})`,
  invoice: ({ number }: { number: string }) => `Invoice ${name(number)}`,
  invoices: ({ count }: { count: number }) => plural(count, { one: '# invoice', other: '# invoices' }),
  fee: 'Fee',
  total: 'Total',
  fromMethod: ({ method }: { method: string }) => `From ${name(method)}`,
  yourMethod: 'your payment method',
  viewReceipt: 'View receipt',
  payNow: 'Pay now',
  paymentReason: ({ merchant, customer }: { merchant: string; customer: string }) =>
    `You’re receiving this email because a payment was made to ${name(merchant)} for ${name(customer)}.`,
  autopayReason: ({ merchant, customer }: { merchant: string; customer: string }) =>
    `You’re receiving this email because ${name(customer)} pays invoices from ${name(merchant)} with AutoPay.`,

  signInTo: ({ merchant }: { merchant: string }) => `Sign in to ${name(merchant)}`,
  signInPreheader: ({ until }: { until: string }) => `The link works once, until ${name(until)}.`,
  signInButtonIntro: ({ until }: { until: string }) =>
    `Use this button to open your billing portal. It works once, until ${name(until)}.`,
  signInLinkIntro: ({ until }: { until: string }) =>
    `Use this link to open your billing portal. It works once, until ${name(until)}.`,
  signIn: 'Sign in',
  signInCodeIntro: 'Reading this on another device? Enter this code where you asked to sign in:',
  signInWarning: ({ at, from }: { at: string; from: string }) =>
    `Requested at ${name(at)} from ${name(from)}. If this wasn’t you, you can ignore this email: nobody can sign in without it. Never share the code. We won’t ask you for it.`,
  signInReason: ({ host, merchant }: { host: string; merchant: string }) =>
    `You’re receiving this email because someone asked to sign in at ${name(host)} with your address, which ${name(merchant)} has on file.`,

  receiptSubject: ({ number, total, merchant }: { number: string; total: string; merchant: string }) =>
    `Receipt ${name(number)}: ${total} to ${name(merchant)}`,
  receipt: ({ number }: { number: string }) => `Receipt ${name(number)}`,
  thanks: 'Thank you for your payment',
  onItsWay: 'Your payment is on its way',
  paidInvoice: ({ total, method, date, number }: Paid & { number: string }) =>
    `${total} paid with ${name(method)} on ${date} for invoice ${name(number)}.`,
  paidInvoices: ({ total, method, date, count }: Paid & { count: number }) =>
    `${total} paid with ${name(method)} on ${date} for ${plural(count, { one: '# invoice', other: '# invoices' })}.`,
  paidDeposit: ({ total, method, date, number }: Paid & { number: string }) =>
    `${total} paid with ${name(method)} on ${date} as a deposit for estimate ${name(number)}.`,
  paidInAdvance: ({ total, method, date }: Paid) =>
    `${total} paid with ${name(method)} on ${date}, kept as credit on your account.`,
  paidOnWith: ({ date, method }: { date: string; method: string }) => `Paid on ${date} with ${name(method)}`,
  totalPaid: 'Total paid',
  paidFor: 'Paid for',
  account: 'Account',
  attached: 'Attached',
  pending:
    'Your bank hasn’t confirmed it yet. You don’t need to do anything. We’ll email you again only if it doesn’t arrive.',
  stillDue: ({ amount }: { amount: string }) => `${amount} still due`,
  depositFor: ({ number }: { number: string }) => `Deposit for estimate ${name(number)}`,
  depositKept: 'Kept for its invoice',
  accountCredit: 'Account credit',
  creditKept: 'Kept for your next invoices',

  failedSubject: ({ total, number }: { total: string; number: string }) =>
    `We couldn’t collect ${total} for invoice ${name(number)}`,
  failedSubjectMany: ({ total, count }: { total: string; count: number }) =>
    `We couldn’t collect ${total} for ${plural(count, { one: '# invoice', other: '# invoices' })}`,
  failedTitle: 'Your payment didn’t go through',
  failedIntro: ({ total, number }: { total: string; number: string }) =>
    `Your payment of ${total} for invoice ${name(number)} didn’t go through.`,
  failedIntroMany: ({ total, count }: { total: string; count: number }) =>
    `Your payment of ${total} for ${plural(count, { one: '# invoice', other: '# invoices' })} didn’t go through.`,
  failedReason: 'The payment was declined.',
  nextTry: ({ date }: { date: string }) => `We’ll try again on ${date}.`,
  lastTry: ({ number }: { number: string }) =>
    `We won’t try again automatically. Please pay invoice ${name(number)} or use another payment method.`,
  lastTryMany: ({ count }: { count: number }) =>
    plural(count, {
      one: 'We won’t try again automatically. Please pay # invoice or use another payment method.',
      other: 'We won’t try again automatically. Please pay the # invoices or use another payment method.',
    }),
  updateMethod: 'Update payment method',
  updateHint: 'As soon as you add a new payment method, we’ll try again and show you whether it worked.',
  more: ({ count }: { count: number }) => plural(count, { one: 'And # more', other: 'And # more' }),
  nextTryLabel: 'Next attempt',
  noNextTry: 'None',

  expiringSubject: ({ method, date }: { method: string; date: string }) =>
    `Your ${name(method)} expires on ${date}`,
  expiringKicker: 'AutoPay',
  expiringTitle: 'Your card expires soon',
  goodUntil: ({ date }: { date: string }) => `Valid until ${date}`,
  expiringIntro: ({ method, date }: { method: string; date: string }) =>
    `Your ${name(method)} is valid until ${date}.`,
  expiringUse: ({ merchant, method }: { merchant: string; method: string }) =>
    `Your invoices from ${name(merchant)} are paid automatically with ${name(method)}. We can’t charge it after that date.`,
  expiringNext: 'Add another card before then, and your invoices will keep being paid automatically.',
  addCard: 'Add a card',

  returnedSubject: ({ total }: { total: string }) => `Your bank returned your payment of ${total}`,
  bankAccount: 'Bank account',
  returnedTitle: 'Your payment didn’t arrive',
  returnedReason: 'Your bank returned the debit.',
  returnedNext:
    'No money was taken. The invoices it was for are due again: please pay them from another account or by card.',

  refundSubject: ({ merchant, amount, number }: { merchant: string; amount: string; number: string }) =>
    `${name(merchant)} refunded ${amount} of payment ${name(number)}`,
  payment: ({ number }: { number: string }) => `Payment ${name(number)}`,
  refundTitle: 'Your refund is on its way',
  toMethod: ({ method }: { method: string }) => `To ${name(method)}`,
  refundNext: 'It goes back to the payment method you used. Your bank may take a few days to show it.',
  paidOn: ({ date }: { date: string }) => `Paid on ${date}`,
});

/** A payment: its total with the fee, its method and its day. */
interface Paid {
  readonly total: string;
  readonly method: string;
  readonly date: string;
}
