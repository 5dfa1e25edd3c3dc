import type { PageClass } from './csp.ts';
import type { LimitRule } from './limits.ts';

/** What the front holds of a page before it runs. */
export interface PageRule {
  readonly pageClass: PageClass;
  /** Pages of one group count together in each limit. */
  readonly group: string;
  /** For each client address. A method without one is not limited. */
  readonly limits: Readonly<Partial<Record<'GET' | 'POST', LimitRule>>>;
  /** Bytes that a form of the page may have. */
  readonly bodyCap: number;
}

/** How a page differs from `USUAL`. What is not said here is strict. */
type Difference = Partial<Omit<PageRule, 'group'>>;

/** Cards can be tried wherever one is typed, so every form is limited. */
const FORMS: LimitRule = { burst: 60, seconds: 600 };
/** For each page that says nothing else, and for addresses that are no page. */
export const USUAL = { pageClass: 'core', limits: { POST: FORMS }, bodyCap: 65_536 } as const satisfies Omit<
  PageRule,
  'group'
>;

/** Documents and lists: the merchant's own scripts are welcome. */
const CONTENT: Difference = { pageClass: 'content' };
const SIGN_IN: LimitRule = { burst: 30, seconds: 3_600 };
const LINKS: LimitRule = { burst: 120, seconds: 600 };

/**
 * Every page by its place below `src/pages`, with what it is allowed beyond the usual. A page that is not here gets the usual; the tests
 * demand an entry for each.
 */
export const PAGES: Readonly<Record<string, Difference>> = {
  '/': CONTENT,
  '/access': {},
  '/access/account': {},
  '/access/sessions': {},
  '/access/sessions/all': {},
  '/access/sign-out': {},
  '/autopay': {},
  '/credit': {},
  '/credit_notes': CONTENT,
  '/credit_notes/[id]': CONTENT,
  '/credit_notes/[id]/pdf': {},
  '/dev/mail': {},
  '/dev/mail/[id]': {},
  '/dev/mail/[id]/html': { pageClass: 'letter' },
  '/estimates': CONTENT,
  '/estimates/[id]': CONTENT,
  '/estimates/[id]/approval': {},
  '/estimates/[id]/decline': {},
  '/estimates/[id]/pdf': {},
  '/invoices': CONTENT,
  '/invoices/[id]': CONTENT,
  '/invoices/[id]/pdf': {},
  '/invoices/[id]/plan': {},
  '/login': { limits: { POST: SIGN_IN } },
  '/login/[token]': { limits: { GET: LINKS, POST: SIGN_IN } },
  '/login/code': { limits: { GET: LINKS, POST: SIGN_IN } },
  '/login/e/[token]': { limits: { GET: LINKS, POST: SIGN_IN } },
  '/pay': {},
  '/pay/advance': {},
  '/pay/attempts/[id]': {},
  '/pay/attempts/[id]/challenge': {},
  '/payment_methods': {},
  '/payment_methods/[id]': {},
  '/payment_methods/[id]/removal': {},
  '/payment_methods/[id]/verification': {},
  '/payment_methods/new': {},
  '/payment_methods/setups/[id]': {},
  '/payments': CONTENT,
  '/payments/[id]': CONTENT,
  '/payments/[id]/pdf': {},
  '/problem': {},
  '/promise': {},
  '/[...path]': {},
};

/** What holds where no page is. All such addresses count together: a flood of them must not push real counts out. */
const NO_PAGE: PageRule = { ...USUAL, group: 'none' };

/** The rule for the page at a canonical path. */
export function pageRuleAt(path: string): PageRule {
  const bare = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  return matchers.find(({ pattern }) => pattern.test(bare))?.rule ?? NO_PAGE;
}

/** Pages with fewer parts that vary come first, as Astro has it: `/payment_methods/new` is no `/payment_methods/[id]`. */
const matchers = Object.entries(PAGES)
  .filter(([path]) => !path.includes('[...'))
  .map(([path, difference]) => ({
    pattern: new RegExp(`^${path.replaceAll(/\[\w+\]/g, '[^/]+')}$`),
    varies: path.split('[').length,
    rule: { ...USUAL, ...difference, group: path.split('/')[1] ?? '' },
  }))
  .toSorted((a, b) => a.varies - b.varies);
