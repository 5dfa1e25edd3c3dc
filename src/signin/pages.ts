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
  add_payment_method: '/payment_methods',
  update_billing_info: '/billing_details',
} as const;

export type PageId = keyof typeof PAGES;

export const PAGE_IDS: readonly PageId[] = Object.keys(PAGES).filter(isPageId);

export function isPageId(text: unknown): text is PageId {
  return typeof text === 'string' && Object.hasOwn(PAGES, text);
}

/** The path a page id leads to; home for anything unknown. */
export function pageForId(id: string | null | undefined): string {
  return isPageId(id) ? PAGES[id] : PAGES.my_account;
}
