/** Page ids of `?redirect_to=` and where each leads. The list is closed: an address can never come in by it. */
const PAGES = {
  my_account: '/',
  credit_notes: '/credit_notes',
  invoices: '/invoices',
  estimates: '/estimates',
  payments: '/payments',
  balance_forward_statement: '/statements?type=balance_forward',
  open_item_statement: '/statements?type=open_item',
  pay: '/pay',
  credit: '/credit',
  autopay: '/autopay',
  payment_methods: '/payment_methods',
  add_payment_method: '/payment_methods/new',
  update_billing_info: '/billing_details',
} as const;

/** A page of one document is named by its kind and client id: `invoices/{id}`, `estimates/{id}/approval`. */
const OF_ONE =
  /^(?:invoices\/[0-9A-Za-z]{24}(?:\/plan)?|estimates\/[0-9A-Za-z]{24}(?:\/approval)?|(?:credit_notes|payments)\/[0-9A-Za-z]{24})$/;
/** Chosen invoices, ten at the most: `pay/{id}.{id}`, `promise/{id}`. */
const OF_CHOSEN = /^(pay|promise|credit)\/([0-9A-Za-z]{24}(?:\.[0-9A-Za-z]{24}){0,9})$/;
/** The longest that a page id can be. */
export const LONGEST_PAGE_ID = 'promise/'.length + 10 * 25;

type PageName = keyof typeof PAGES;

/** The ids that name a page without naming a document. */
export const PAGE_IDS: readonly PageName[] = Object.keys(PAGES).filter(isName);

/** Whether a text is the id of a page: one of `PAGE_IDS`, or a page of documents, whose ids are nothing but letters and digits. */
export function isPageId(text: unknown): text is string {
  return typeof text === 'string' && (isName(text) || OF_ONE.test(text) || OF_CHOSEN.test(text));
}

/** The path a page id leads to; home for anything unknown. */
export function pageForId(id: string | null | undefined): string {
  if (typeof id !== 'string') return PAGES.my_account;
  if (isName(id)) return PAGES[id];
  if (OF_ONE.test(id)) return `/${id}`;
  const [, page, chosen = ''] = OF_CHOSEN.exec(id) ?? [];
  if (!page) return PAGES.my_account;
  const query = chosen.split('.').map((clientId) => `invoice=${clientId}`);
  return `/${page}?${query.join('&')}`;
}

/** The id of the page at an address of the portal, to come back to after signing in; undefined for home and where there is none. */
export function pageIdAt({ pathname, searchParams }: URL): string | undefined {
  const path = pathname.slice(1);
  const chosen = `${path}/${searchParams.getAll('invoice').join('.')}`;
  if (OF_CHOSEN.test(chosen)) return chosen;
  if (OF_ONE.test(path)) return path;
  return PAGE_IDS.find((id) => id !== 'my_account' && PAGES[id] === pathname);
}

function isName(text: string): text is PageName {
  return Object.hasOwn(PAGES, text);
}
