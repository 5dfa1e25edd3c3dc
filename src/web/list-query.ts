import { z } from 'zod';
import type { FilterModel, Option, PagingModel } from '#src/components/models.ts';
import { withQuery } from '#src/portal/urls.ts';

/* What an address says about a list: which rows, in which order, which page; and the forms and links that lead on from there. */

const PAGE_SIZES = [10, 25, 50, 100];
const date = z.iso.date().optional().catch(undefined);

/** What the address may say about a list; what does not fit is as if it were not there. */
export interface ListAddress {
  readonly number?: string | undefined;
  readonly status: string;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly sort: string;
  readonly dir: 'asc' | 'desc';
  readonly per: number;
  readonly page?: string | undefined;
  /** Where this page begins, for “26–50 of 128”: shown, never trusted. */
  readonly at: number;
}

/** The same as the domain is asked. */
export interface Asked<Status extends string> {
  readonly search: string | undefined;
  readonly status: Status;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly size: number;
  readonly cursor: string | undefined;
}

/** What a list answers. */
export interface Found<Row = unknown> {
  readonly rows: readonly Row[];
  readonly count: number;
  readonly next?: string;
  readonly previous?: string;
}

const word = z.string().optional().catch(undefined);
/** Made once: making it costs more than reading with it. */
const Address = z.object({
  number: z.string().trim().max(100).optional().catch(undefined),
  status: word,
  from: date,
  until: date,
  sort: word,
  dir: word,
  per: z.coerce
    .number()
    .refine((size) => PAGE_SIZES.includes(size))
    .catch(25)
    .default(25),
  // One that is too long is no mark of ours, and refused as such.
  page: z.string().max(300).optional().catch('-'),
  at: z.coerce.number().int().min(1).max(1e9).catch(1).default(1),
});

/** Reads an address. A status that is none of these is `all`; the order is by date, the newest first, unless it may be another. */
export function readListQuery(
  search: URLSearchParams,
  statuses: readonly string[],
  sorts: readonly string[] = [],
): ListAddress {
  const read = Address.parse(Object.fromEntries([...search].filter(([, value]) => value !== '')));
  return {
    ...read,
    status: statuses.find((status) => status === read.status) ?? 'all',
    sort: sorts.find((sort) => sort === read.sort) ?? 'date',
    dir: sorts.length > 0 && read.dir === 'asc' ? 'asc' : 'desc',
  };
}

export function asked<Status extends string>(query: ListAddress): Asked<Status> {
  const { number, from, until, per, page } = query;
  return { search: number, status: query.status as Status, from, to: until, size: per, cursor: page };
}

export function isFiltered(query: ListAddress): boolean {
  return Boolean(query.number) || query.status !== 'all' || Boolean(query.from) || Boolean(query.until);
}

const REVERSED = 'Until is before From. Choose a later day.';

function isReversed({ from, until }: ListAddress): boolean {
  return from !== undefined && until !== undefined && until < from;
}

/** The form that filters, which keeps order and size. */
export function filterOf(action: string, query: ListAddress, statuses: readonly Option[]): FilterModel {
  const { number, status, from, until } = query;
  const { sort, dir, per } = valuesOf(query);
  return {
    action,
    number: { value: number },
    status,
    statuses,
    from: { value: from },
    until: { value: until, ...(isReversed(query) ? { error: REVERSED, focus: true } : {}) },
    keep: hidden({ sort, dir, per }),
    clearHref: isFiltered(query) ? withQuery(action, { per }) : undefined,
    open: status !== 'all' || from !== undefined || until !== undefined,
  };
}

/** Where this page stands among all, and the ways to others. */
export function pagingOf(action: string, query: ListAddress, list: Found): PagingModel {
  const before = Math.max(1, query.at - query.per);
  const after = query.at + list.rows.length;
  return {
    text: `${query.at}–${Math.min(after - 1, list.count)} of ${list.count}`,
    previousHref: list.previous && addressOf(action, { ...query, page: list.previous, at: before }),
    nextHref: list.next && addressOf(action, { ...query, page: list.next, at: after }),
    action,
    name: 'per',
    perPage: String(query.per),
    choices: PAGE_SIZES.map((size) => ({ value: String(size), label: String(size) })),
    keep: hidden({ ...valuesOf(query), per: undefined, page: undefined, at: undefined }),
  };
}

/** The address that says this. */
export function addressOf(action: string, query: ListAddress): string {
  return withQuery(action, valuesOf(query));
}

/** Only what is not as usual. */
function valuesOf(query: ListAddress) {
  const { number, status, from, until, sort, dir, per, page, at } = query;
  return {
    number,
    status: status === 'all' ? undefined : status,
    from,
    until,
    sort: sort === 'date' ? undefined : sort,
    dir: dir === 'desc' ? undefined : dir,
    per: per === 25 ? undefined : per,
    page,
    at: at === 1 ? undefined : at,
  };
}

function hidden(values: Record<string, string | number | undefined>): Array<{ name: string; value: string }> {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value: String(value) }],
  );
}
