import type { Tab } from '#src/components/models.ts';
import type { DocumentRow, DocumentsModel } from '#src/components/document-models.ts';
import {
  type Asked,
  asked,
  filterOf,
  type Found,
  isFiltered,
  pagingOf,
  readListQuery,
} from './list-query.ts';
import type { ActivityTab } from '#src/portal/page.ts';
import { TAB_PAGES } from '#src/portal/pages.ts';

/* What the lists of Activity have in common: their tabs, and all but the rows of those that are sorted by date alone. */

const LABELS: Readonly<Record<ActivityTab, string>> = {
  invoices: 'Invoices',
  estimates: 'Estimates',
  credit_notes: 'Credit notes',
  payments: 'Payments',
};

/** The tabs of Activity; how many there are stands beside the one that is shown. */
export function activityTabs(current: ActivityTab, count: number | undefined): Tab[] {
  return TAB_PAGES.map(({ tab, path }) => {
    const link = { label: LABELS[tab], href: path };
    return tab === current
      ? { ...link, current: true, count: count === undefined ? undefined : String(count) }
      : link;
  });
}

/** A list of Activity that is sorted by date alone. */
export interface Listing<Status extends string, Row> {
  readonly kind: ActivityTab;
  /** What is listed, in small letters. */
  readonly one: string;
  readonly many: string;
  readonly href: string;
  readonly searchLabel: string;
  readonly columns: DocumentsModel['columns'];
  /** The status to choose from with their labels; the first is every one. */
  readonly statuses: Readonly<Record<Status, string>>;
  /** What is said where nothing is listed yet. */
  readonly none: string;
  list(query: Asked<Status>): Promise<Found<Row>>;
  row(row: Row): DocumentRow;
  /** What stands before the first page where nothing is filtered. */
  ahead?(): Promise<readonly DocumentRow[]>;
}

/** What such a list shows for an address. Refuses `bad_page` for a page mark that is not ours. */
export async function listingPage<Status extends string, Row>(
  listing: Listing<Status, Row>,
  search: URLSearchParams,
): Promise<DocumentsModel> {
  const { one, many, href } = listing;
  const statuses = Object.entries<string>(listing.statuses).map(([value, label]) => ({ value, label }));
  const query = readListQuery(
    search,
    statuses.map(({ value }) => value),
  );
  const list = await listing.list(asked<Status>(query));
  const filtered = isFiltered(query);
  const ahead = filtered || query.page !== undefined ? [] : ((await listing.ahead?.()) ?? []);
  return {
    title: many.charAt(0).toUpperCase() + many.slice(1),
    tabs: activityTabs(listing.kind, filtered ? undefined : list.count),
    searchLabel: listing.searchLabel,
    filter: filterOf(href, query, statuses),
    columns: listing.columns,
    rows: [...ahead, ...list.rows.map((row) => listing.row(row))],
    paging: list.count > 0 ? pagingOf(href, query, list) : undefined,
    empty: filtered
      ? {
          title: `No ${one} matches`,
          text: 'Try another number, status or time.',
          link: { label: `Show all ${many}`, href },
        }
      : { title: `No ${many} yet`, text: listing.none },
  };
}
