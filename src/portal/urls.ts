import type { PagePath } from './pages.ts';

/** Every address of the portal, built in one place. All are paths: the origin is the tenant's. */
export const urls = {
  home: at('/'),
  problem: at('/problem'),
  invoices: at('/invoices'),
  estimates: at('/estimates'),
  creditNotes: at('/credit_notes'),
  payments: at('/payments'),
  credit: at('/credit'),
  pay: at('/pay'),
  autopay: at('/autopay'),
  payInAdvance: at('/pay/advance'),
  methods: at('/payment_methods'),
  newMethod: at('/payment_methods/new'),
  nameMethod: (id: number): string => at('/payment_methods/[id]', id),
  verifyMethod: (id: number): string => at('/payment_methods/[id]/verification', id),
  removeMethod: (id: number): string => at('/payment_methods/[id]/removal', id),
  login: at('/login'),
  access: at('/access'),
  switchAccount: at('/access/account'),
  chooseAccount: at('/access/account'),
  signOut: at('/access/sign-out'),
  endSession: at('/access/sessions'),
  endAllSessions: at('/access/sessions/all'),
  checkMail: at('/login/code'),
  emailLink: (token: string): string => at('/login/e/[token]', token),
  magicLink: (token: string): string => at('/login/[token]', token),
  invoice: (clientId: string): string => at('/invoices/[id]', clientId),
  invoicePdf: (clientId: string): string => at('/invoices/[id]/pdf', clientId),
  plan: (clientId: string): string => at('/invoices/[id]/plan', clientId),
  estimate: (clientId: string): string => at('/estimates/[id]', clientId),
  estimatePdf: (clientId: string): string => at('/estimates/[id]/pdf', clientId),
  approval: (clientId: string): string => at('/estimates/[id]/approval', clientId),
  decline: (clientId: string): string => at('/estimates/[id]/decline', clientId),
  creditNote: (clientId: string): string => at('/credit_notes/[id]', clientId),
  creditNotePdf: (clientId: string): string => at('/credit_notes/[id]/pdf', clientId),
  useCredit: (clientId: string): string => chosenAt('/credit', [clientId]),
  useCreditFor: (clientIds: readonly string[]): string => chosenAt('/credit', clientIds),
  usedCredit: (nonce: string): string => `${at('/credit')}?used=${nonce}`,
  payInvoice: (clientId: string): string => chosenAt('/pay', [clientId]),
  /** The same with all of it to pay, where a payment plan asks for less. */
  payWhole: (clientId: string): string => `${chosenAt('/pay', [clientId])}&whole=1`,
  payInvoices: (clientIds: readonly string[]): string => chosenAt('/pay', clientIds),
  promises: at('/promise'),
  promise: (clientIds: readonly string[]): string => chosenAt('/promise', clientIds),
  attempt: (attemptId: string): string => at('/pay/attempts/[id]', attemptId),
  challenge: (attemptId: string): string => at('/pay/attempts/[id]/challenge', attemptId),
  /** The same for who has been at their bank: nobody is sent there twice by themselves. */
  challengeAgain: (attemptId: string): string => `${at('/pay/attempts/[id]/challenge', attemptId)}?again=1`,
  /** Where somebody comes back to from their bank. */
  setupAgain: (setupId: string): string => `${at('/payment_methods/setups/[id]', setupId)}?again=1`,
  setup: (setupId: string): string => at('/payment_methods/setups/[id]', setupId),
  /** The same after the bank was asked and had no answer. */
  setupAsked: (setupId: string): string => `${at('/payment_methods/setups/[id]', setupId)}?asked=1`,
  receipt: (clientId: string): string => at('/payments/[id]', clientId),
  receiptPdf: (clientId: string): string => at('/payments/[id]/pdf', clientId),
  /** The local mailbox, for who has its key. */
  mailbox: (key: string): string => `${at('/dev/mail')}?key=${key}`,
  mail: (id: number, key: string): string => `${at('/dev/mail/[id]', id)}?key=${key}`,
  mailAsHtml: (id: number, key: string): string => `${at('/dev/mail/[id]/html', id)}?key=${key}`,
} as const;

/** The address of a page that is declared, with what varies in it. */
function at(place: PagePath, varying: string | number = ''): string {
  return place.replace(/\[\w+\]/, () => String(varying));
}

function chosenAt(place: PagePath, clientIds: readonly string[]): string {
  return `${place}?${clientIds.map((id) => `invoice=${id}`).join('&')}`;
}

/** An address with a query; empty and absent values are left out. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): string {
  const kept = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
  return search === '' ? path : `${path}?${search}`;
}
