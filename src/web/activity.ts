import { z } from 'zod';
import type { InvoiceFilter, Option, Paging, Tab } from '#src/components/models.ts';
import { urls, withQuery } from './urls.ts';

/* What the lists of Activity have in common: their tabs, and the filter and paging of those that are sorted by date alone. */

export type ActivityKind = 'invoices' | 'estimates' | 'credit_notes' | 'payments';

const TABS: ReadonlyArray<{ readonly kind: ActivityKind; readonly label: string; readonly href: string }> = [
  { kind: 'invoices', label: 'Invoices', href: urls.invoices },
  { kind: 'estimates', label: 'Estimates', href: urls.estimates },
  { kind: 'credit_notes', label: 'Credit notes', href: urls.creditNotes },
  { kind: 'payments', label: 'Payments', href: urls.payments },
];

/** The tabs of Activity; how many there are stands beside the one that is shown. */
export function activityTabs(current: ActivityKind, count: number | undefined): Tab[] {
  return TABS.map(({ kind, label, href }) =>
    kind === current
      ? { label, href, current: true, count: count === undefined ? undefined : String(count) }
      : { label, href },
  );
}

const PAGE_SIZES = [10, 25, 50, 100];
const date = z.iso.date().optional().catch(undefined);

/** What the address may say about such a list; what does not fit is as if it were not there. */
export interface ListQuery {
  readonly number?: string | undefined;
  readonly status: string;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly per: number;
  readonly page?: string | undefined;
  /** Where this page begins, for “26–50 of 128”: shown, never trusted. */
  readonly at: number;
}

/** Reads an address; a status that is none of these is `all`. */
export function readListQuery(search: URLSearchParams, statuses: readonly string[]): ListQuery {
  const schema = z.object({
    number: z.string().trim().max(100).optional().catch(undefined),
    status: z
      .string()
      .refine((status) => statuses.includes(status))
      .catch('all')
      .default('all'),
    from: date,
    until: date,
    per: z.coerce
      .number()
      .refine((size) => PAGE_SIZES.includes(size))
      .catch(25)
      .default(25),
    page: z.string().max(300).optional(),
    at: z.coerce.number().int().min(1).max(1e9).catch(1).default(1),
  });
  return schema.parse(Object.fromEntries([...search].filter(([, value]) => value !== '')));
}

export function isFiltered(query: ListQuery): boolean {
  return Boolean(query.number) || query.status !== 'all' || Boolean(query.from) || Boolean(query.until);
}

export function filterOf(action: string, query: ListQuery, statuses: readonly Option[]): InvoiceFilter {
  const { number, status, from, until } = query;
  return {
    action,
    number: { value: number },
    status,
    statuses,
    from: { value: from },
    until: { value: until },
    keep: hidden({ per: perOf(query) }),
    clearHref: isFiltered(query) ? withQuery(action, { per: perOf(query) }) : undefined,
    open: status !== 'all' || from !== undefined || until !== undefined,
  };
}

interface Found {
  readonly rows: readonly unknown[];
  readonly count: number;
  readonly next?: string;
  readonly previous?: string;
}

export function pagingOf(action: string, query: ListQuery, list: Found): Paging {
  const addressOf = (page: string | undefined, at: number): string | undefined =>
    page && withQuery(action, { ...valuesOf(query), page, at: at === 1 ? undefined : at });
  return {
    text: `${query.at}–${Math.min(query.at + list.rows.length - 1, list.count)} of ${list.count}`,
    previousHref: addressOf(list.previous, Math.max(1, query.at - query.per)),
    nextHref: addressOf(list.next, query.at + list.rows.length),
    action,
    name: 'per',
    perPage: String(query.per),
    choices: PAGE_SIZES.map((size) => ({ value: String(size), label: String(size) })),
    keep: hidden({ ...valuesOf(query), per: undefined }),
  };
}

function valuesOf(query: ListQuery): Record<string, string | number | undefined> {
  const { number, from, until, status } = query;
  return { number, status: status === 'all' ? undefined : status, from, until, per: perOf(query) };
}

function perOf({ per }: ListQuery): number | undefined {
  return per === 25 ? undefined : per;
}

function hidden(values: Record<string, string | number | undefined>): Array<{ name: string; value: string }> {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value: String(value) }],
  );
}
