/** Every address of the portal, built in one place. All are paths: the origin is the tenant's. */
export const urls = {
  home: '/',
  invoices: '/invoices',
  estimates: '/estimates',
  creditNotes: '/credit_notes',
  payments: '/payments',
  credit: '/credit',
  pay: '/pay',
  autopay: '/autopay',
  payInAdvance: '/pay/advance',
  methods: '/payment_methods',
  newMethod: '/payment_methods/new',
  nameMethod: (id: number): string => `/payment_methods/${id}`,
  verifyMethod: (id: number): string => `/payment_methods/${id}/verification`,
  removeMethod: (id: number): string => `/payment_methods/${id}/removal`,
  login: '/login',
  access: '/access',
  switchAccount: '/access/account',
  chooseAccount: '/access/account',
  signOut: '/access/sign-out',
  endSession: '/access/sessions',
  endAllSessions: '/access/sessions/all',
  checkMail: '/login/code',
  emailLink: (token: string): string => `/login/e/${token}`,
  magicLink: (token: string): string => `/login/${token}`,
  invoice: (clientId: string): string => `/invoices/${clientId}`,
  invoicePdf: (clientId: string): string => `/invoices/${clientId}/pdf`,
  plan: (clientId: string): string => `/invoices/${clientId}/plan`,
  estimate: (clientId: string): string => `/estimates/${clientId}`,
  estimatePdf: (clientId: string): string => `/estimates/${clientId}/pdf`,
  approval: (clientId: string): string => `/estimates/${clientId}/approval`,
  decline: (clientId: string): string => `/estimates/${clientId}/decline`,
  creditNote: (clientId: string): string => `/credit_notes/${clientId}`,
  creditNotePdf: (clientId: string): string => `/credit_notes/${clientId}/pdf`,
  useCredit: (clientId: string): string => `/credit?invoice=${clientId}`,
  useCreditFor: (clientIds: readonly string[]): string =>
    `/credit?${clientIds.map((id) => `invoice=${id}`).join('&')}`,
  usedCredit: (nonce: string): string => `/credit?used=${nonce}`,
  payInvoice: (clientId: string): string => `/pay?invoice=${clientId}`,
  /** The same with all of it to pay, where a payment plan asks for less. */
  payWhole: (clientId: string): string => `/pay?invoice=${clientId}&whole=1`,
  payInvoices: (clientIds: readonly string[]): string =>
    `/pay?${clientIds.map((clientId) => `invoice=${clientId}`).join('&')}`,
  promises: '/promise',
  promise: (clientIds: readonly string[]): string =>
    `/promise?${clientIds.map((id) => `invoice=${id}`).join('&')}`,
  attempt: (attemptId: string): string => `/pay/attempts/${attemptId}`,
  challenge: (attemptId: string): string => `/pay/attempts/${attemptId}/challenge`,
  /** The same for who has been at their bank: nobody is sent there twice by themselves. */
  challengeAgain: (attemptId: string): string => `/pay/attempts/${attemptId}/challenge?again=1`,
  setup: (setupId: string): string => `/payment_methods/setups/${setupId}`,
  /** The same after the bank was asked and had no answer. */
  setupAsked: (setupId: string): string => `/payment_methods/setups/${setupId}?asked=1`,
  receipt: (clientId: string): string => `/payments/${clientId}`,
  receiptPdf: (clientId: string): string => `/payments/${clientId}/pdf`,
  /** The local mailbox, for who has its key. */
  mailbox: (key: string): string => `/dev/mail?key=${key}`,
  mail: (id: number, key: string): string => `/dev/mail/${id}?key=${key}`,
  mailAsHtml: (id: number, key: string): string => `/dev/mail/${id}/html?key=${key}`,
} as const;

/** An address with a query; empty and absent values are left out. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): string {
  const kept = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
  return search === '' ? path : `${path}?${search}`;
}
