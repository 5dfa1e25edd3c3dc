import { type LimitRule, type Page, STRICT } from './page.ts';

/** How a page differs from `STRICT`. */
type Difference = Partial<Page>;

const SIGN_IN: LimitRule = { burst: 30, seconds: 3_600 };
const LINKS: LimitRule = { burst: 120, seconds: 600 };

const ANYONE = { for: { GET: 'anyone', POST: 'anyone' } } as const satisfies Difference;
const VIEWER = { for: { GET: 'viewer', POST: 'viewer' } } as const satisfies Difference;
const READ_BY_VIEWERS = { for: { GET: 'viewer', POST: 'payer' } } as const satisfies Difference;
/** Documents and lists: the merchant's own scripts are welcome. */
const CONTENT = { ...VIEWER, pageClass: 'content' } as const satisfies Difference;
const PDF = { ...VIEWER, pageClass: 'pdf' } as const satisfies Difference;
const DOCUMENT = { names: [{ as: 'document' }] } as const satisfies Difference;
/** Forms of sign-in keep their Origin; `no-referrer` would turn it into `null` (Fetch, "append a request Origin header"). */
const TOKEN = {
  ...ANYONE,
  limits: { GET: LINKS, POST: SIGN_IN },
  referrer: 'same-origin',
} as const satisfies Difference;
const MAILBOX = { ...ANYONE, referrer: 'no-referrer' } as const satisfies Difference;

/**
 * Every page by its place below `src/pages`, with what it says of itself; the order is that of the navigation. A page that is not here
 * is held to what is strict, and a test demands an entry for each.
 */
export const PAGES = {
  '/': { ...CONTENT, names: [page('my_account')], main: { entry: 'account' } },
  '/access': VIEWER,
  '/access/account': VIEWER,
  '/access/sessions': { for: { POST: 'viewer' } },
  '/access/sessions/all': { for: { POST: 'viewer' } },
  '/access/sign-out': { for: { POST: 'anyone' } },
  // Whoever is enrolled may leave, whatever the setting says: the page itself answers for it.
  '/autopay': { ...READ_BY_VIEWERS, names: [page('autopay')] },
  // What there is can be seen wherever the merchant uses it; the setting takes the form away.
  '/credit': {
    ...READ_BY_VIEWERS,
    names: [page('credit'), { as: 'chosen', id: 'credit' }],
  },
  '/invoices': { ...CONTENT, names: [page('invoices')], main: { entry: 'activity' }, tab: 'invoices' },
  '/invoices/[id]': { ...CONTENT, ...DOCUMENT },
  '/invoices/[id]/pdf': PDF,
  '/invoices/[id]/plan': { ...READ_BY_VIEWERS, ...DOCUMENT },
  '/estimates': { ...CONTENT, names: [page('estimates')], tab: 'estimates' },
  '/estimates/[id]': { ...CONTENT, ...DOCUMENT },
  '/estimates/[id]/approval': DOCUMENT,
  '/estimates/[id]/decline': {},
  '/estimates/[id]/pdf': PDF,
  '/credit_notes': { ...CONTENT, names: [page('credit_notes')], tab: 'credit_notes' },
  '/credit_notes/[id]': { ...CONTENT, ...DOCUMENT },
  '/credit_notes/[id]/pdf': PDF,
  '/dev/mail': MAILBOX,
  '/dev/mail/[id]': MAILBOX,
  '/dev/mail/[id]/html': { ...MAILBOX, pageClass: 'letter' },
  '/login': { ...ANYONE, limits: { POST: SIGN_IN } },
  '/login/[token]': { ...TOKEN, secret: true },
  '/login/code': TOKEN,
  '/login/e/[token]': { ...TOKEN, secret: true },
  '/pay': { names: [page('pay'), { as: 'chosen', id: 'pay' }] },
  '/pay/advance': { switch: { setting: 'payments.advance', off: false } },
  '/pay/attempts/[id]': {},
  '/pay/attempts/[id]/challenge': {},
  '/payment_methods': {
    names: [page('payment_methods')],
    main: { entry: 'methods', needs: 'payments' },
  },
  '/payment_methods/[id]': {},
  '/payment_methods/[id]/removal': {},
  '/payment_methods/[id]/verification': {},
  '/payment_methods/new': { names: [page('add_payment_method')] },
  '/payment_methods/setups/[id]': {},
  '/payments': { ...CONTENT, names: [page('payments')], tab: 'payments' },
  '/payments/[id]': { ...CONTENT, ...DOCUMENT },
  '/payments/[id]/pdf': PDF,
  '/problem': ANYONE,
  '/promise': { names: [{ as: 'chosen', id: 'promise' }] },
  '/[...path]': ANYONE,
} as const satisfies Readonly<Record<`/${string}`, Difference>>;

export type PagePath = keyof typeof PAGES;

export const PAGE_PATHS: readonly PagePath[] = Object.keys(PAGES).filter(isPagePath);

const pages = new Map<string, Page>(PAGE_PATHS.map((place) => [place, { ...STRICT, ...PAGES[place] }]));

/** What holds for the page at a place below `src/pages`, as `/invoices/[id]`; the strictest for one that is not declared. */
export function pageAt(place: string): Page {
  return pages.get(place) ?? STRICT;
}

/** The pages of the main navigation, in their order. */
export const MAIN_PAGES = PAGE_PATHS.flatMap((path) => {
  const { main, for: lets } = pageAt(path);
  return main ? [{ path, ...main, for: lets.GET }] : [];
});

/** The pages that are tabs of Activity, in their order. */
export const TAB_PAGES = PAGE_PATHS.flatMap((path) => {
  const { tab } = pageAt(path);
  return tab ? [{ path, tab }] : [];
});

/** The place of the page that answers at a canonical path; undefined where none does. */
export function placeOf(path: string): PagePath | undefined {
  const bare = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  return patterns.find(({ pattern }) => pattern.test(bare))?.place;
}

function page<Id extends string>(id: Id): { readonly as: 'page'; readonly id: Id } {
  return { as: 'page', id };
}

function isPagePath(text: string): text is PagePath {
  return Object.hasOwn(PAGES, text);
}

/** Pages with fewer parts that vary come first, as Astro has it: `/payment_methods/new` is no `/payment_methods/[id]`. */
const patterns = PAGE_PATHS.filter((place) => !place.includes('[...'))
  .map((place) => ({
    place,
    pattern: new RegExp(`^${place.replaceAll(/\[\w+\]/g, '[^/]+')}$`),
    varies: place.split('[').length,
  }))
  .toSorted((a, b) => a.varies - b.varies);
