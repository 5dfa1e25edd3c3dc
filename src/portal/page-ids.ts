import type { Naming } from './page.ts';
import { PAGE_PATHS, type PagePath, pageAt } from './pages.ts';
import { urls } from './urls.ts';

/* Page ids: what magic links (`?redirect_to=`) and sign-in (`?to=`) call the page to go on to. The list is closed: an address can never come in by it. */

const CLIENT_ID = '[0-9A-Za-z]{24}';
const MOST_CHOSEN = 10;

const namings: ReadonlyArray<{ readonly place: PagePath; readonly naming: Naming }> = PAGE_PATHS.flatMap(
  (place) => pageAt(place).names.map((naming) => ({ place, naming })),
);
/** Where each id leads that names a page without naming a document. */
const named = new Map(
  namings.flatMap(({ place, naming }) => (naming.as === 'page' ? [[naming.id, place] as const] : [])),
);
const chosen = namings.flatMap(({ naming }) => (naming.as === 'chosen' ? [naming.id] : []));
/** A page of one document is named by its kind and client id: `invoices/{id}`, `estimates/{id}/approval`. */
const OF_ONE = new RegExp(
  `^(?:${namings
    .filter(({ naming }) => naming.as === 'document')
    .map(({ place }) => place.slice(1).replace('[id]', CLIENT_ID))
    .join('|')})$`,
);
/** Chosen invoices, ten at the most: `pay/{id}.{id}`, `promise/{id}`. */
const OF_CHOSEN = new RegExp(
  `^(${chosen.join('|')})/(${CLIENT_ID}(?:\\.${CLIENT_ID}){0,${MOST_CHOSEN - 1}})$`,
);
/** The longest that a page id can be. */
export const LONGEST_PAGE_ID = 'promise/'.length + MOST_CHOSEN * 25;

/** The ids that name a page without naming a document. */
export const PAGE_IDS: readonly string[] = [...named.keys()];

/** Whether a text is the id of a page: one of `PAGE_IDS`, or a page of documents, whose ids are nothing but letters and digits. */
export function isPageId(text: unknown): text is string {
  return typeof text === 'string' && (named.has(text) || OF_ONE.test(text) || OF_CHOSEN.test(text));
}

/** The path a page id leads to; home for anything unknown. */
export function pageForId(id: string | null | undefined): string {
  if (typeof id !== 'string') return urls.home;
  const known = named.get(id);
  if (known !== undefined) return known;
  if (OF_ONE.test(id)) return `/${id}`;
  const [, page, documents = ''] = OF_CHOSEN.exec(id) ?? [];
  if (!page) return urls.home;
  return `/${page}?${documents
    .split('.')
    .map((clientId) => `invoice=${clientId}`)
    .join('&')}`;
}

/** The id of the page at an address of the portal, to come back to after signing in; undefined for home and where there is none. */
export function pageIdAt({ pathname, searchParams }: URL): string | undefined {
  const path = pathname.slice(1);
  const ids = `${path}/${searchParams.getAll('invoice').join('.')}`;
  if (OF_CHOSEN.test(ids)) return ids;
  if (OF_ONE.test(path)) return path;
  return PAGE_IDS.find((id) => pathname !== urls.home && named.get(id) === pathname);
}
