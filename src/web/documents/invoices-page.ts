import { z } from 'zod';
import type { InvoiceRow, InvoicesModel, SortLink } from '#src/components/models.ts';
import {
  INVOICE_FILTERS,
  INVOICE_SORTS,
  type InvoiceList,
  type InvoiceQuery,
  type InvoiceSummary,
  listInvoices,
} from '#src/documents/invoices.ts';
import { upcomingCollections } from '#src/payments/collecting/collections.ts';
import { leftToPay } from '#src/payments/taking/parts.ts';
import { activityTabs } from '../activity.ts';
import { amount, dateWhen } from '../formatting.ts';
import type { Visitor } from '../visitor.ts';
import { invoiceBadge } from '../status.ts';
import { urls, withQuery } from '../urls.ts';

const PAGE_SIZES = [10, 25, 50, 100];
const date = z.iso.date().optional().catch(undefined);

/** What the address may say about the list; what does not fit is as if it were not there. */
const Query = z.object({
  number: z.string().trim().max(100).optional().catch(undefined),
  status: z.enum(INVOICE_FILTERS).catch('all').default('all'),
  from: date,
  until: date,
  sort: z.enum(INVOICE_SORTS).catch('date').default('date'),
  dir: z.enum(['asc', 'desc']).catch('desc').default('desc'),
  per: z.coerce
    .number()
    .refine((size) => PAGE_SIZES.includes(size))
    .catch(25)
    .default(25),
  page: z.string().max(300).optional(),
  /** Where this page begins, for “26–50 of 128”: shown, never trusted. */
  at: z.coerce.number().int().min(1).max(1e9).catch(1).default(1),
});
type Query = z.infer<typeof Query>;

/** What Activity → Invoices shows. Refuses `bad_page` for a page mark that is not ours. */
export async function invoicesPage(visitor: Visitor, search: URLSearchParams): Promise<InvoicesModel> {
  const query = Query.parse(Object.fromEntries([...search].filter(([, value]) => value !== '')));
  const list = await listInvoices(visitor.scope, asInvoiceQuery(query));
  const { language } = visitor;
  const collected = await collectedInvoices(visitor);
  return {
    tabs: activityTabs('invoices', isFiltered(query) ? undefined : list.count),
    filter: filterModel(query),
    sort: sortModel(query),
    rows: list.rows.map((invoice) => invoiceRow(invoice, language, collected.has(invoice.id))),
    totals: list.totals.map(({ count, total, balance }) => ({
      label: `Total of ${count}`,
      total: amount(total, language),
      balance: amount(balance, language),
    })),
    paging: list.count > 0 ? pagingModel(query, list) : undefined,
    pay: { action: urls.pay, name: 'invoice' },
    empty: isFiltered(query)
      ? {
          title: 'No invoice matches',
          text: 'Try another number, status or time.',
          link: { label: 'Show all invoices', href: urls.invoices },
        }
      : { title: 'No invoices yet', text: 'When there is one, you find it here.' },
  };
}

function asInvoiceQuery(query: Query): InvoiceQuery {
  return {
    search: query.number,
    status: query.status,
    from: query.from,
    to: query.until,
    sort: query.sort,
    descending: query.dir === 'desc',
    size: query.per,
    cursor: query.page,
  };
}

/** Ids of the invoices that will be collected by themselves: nobody is asked to pay those. */
async function collectedInvoices({ scope, customer }: Visitor): Promise<ReadonlySet<number>> {
  if (!customer.autopay) return new Set();
  return new Set((await upcomingCollections(scope)).map(({ invoiceId }) => invoiceId));
}

function invoiceRow(invoice: InvoiceSummary, language: string, isCollected: boolean): InvoiceRow {
  const left = leftToPay(invoice);
  return {
    tick: invoice.payable
      ? { value: invoice.clientId, minor: left.minor, currency: left.currency }
      : undefined,
    number: invoice.number,
    href: urls.invoice(invoice.clientId),
    date: dateWhen(invoice.date, language),
    due: invoice.dueDate === undefined ? undefined : dateWhen(invoice.dueDate, language),
    status: invoiceBadge(invoice),
    total: amount(invoice.total, language),
    balance: amount(invoice.balance, language),
    payHref: invoice.payable && !isCollected ? urls.payInvoice(invoice.clientId) : undefined,
    pdfHref: urls.invoicePdf(invoice.clientId),
  };
}

const STATUS_LABELS: Record<Query['status'], string> = {
  all: 'Any status',
  open: 'To pay',
  past_due: 'Past due',
  processing: 'Processing',
  paid: 'Paid',
};

function filterModel(query: Query): InvoicesModel['filter'] {
  return {
    action: urls.invoices,
    number: { value: query.number },
    status: query.status,
    statuses: INVOICE_FILTERS.map((value) => ({ value, label: STATUS_LABELS[value] })),
    from: { value: query.from },
    until: { value: query.until },
    keep: hidden({
      sort: query.sort === 'date' ? undefined : query.sort,
      dir: query.dir === 'desc' ? undefined : query.dir,
      per: perOf(query),
    }),
    clearHref: isFiltered(query) ? withQuery(urls.invoices, { per: perOf(query) }) : undefined,
    open: query.status !== 'all' || query.from !== undefined || query.until !== undefined,
  };
}

const SORT_COLUMNS = { number: 'number', date: 'date', due_date: 'due', total: 'total' } as const;

function sortModel(query: Query): InvoicesModel['sort'] {
  const links: Partial<Record<'number' | 'date' | 'due' | 'total', SortLink>> = {};
  for (const sort of INVOICE_SORTS) {
    const current = query.sort === sort;
    const dir = current && query.dir === 'desc' ? 'asc' : 'desc';
    links[SORT_COLUMNS[sort]] = {
      href: addressOf({ ...query, sort, dir, page: undefined, at: 1 }),
      sorted: current ? (query.dir === 'desc' ? 'descending' : 'ascending') : undefined,
    };
  }
  return links;
}

function pagingModel(query: Query, list: InvoiceList): InvoicesModel['paging'] {
  const last = Math.min(query.at + list.rows.length - 1, list.count);
  const before = Math.max(1, query.at - query.per);
  return {
    text: `${query.at}–${last} of ${list.count}`,
    previousHref: list.previous && addressOf({ ...query, page: list.previous, at: before }),
    nextHref: list.next && addressOf({ ...query, page: list.next, at: query.at + list.rows.length }),
    action: urls.invoices,
    name: 'per',
    perPage: String(query.per),
    choices: PAGE_SIZES.map((size) => ({ value: String(size), label: String(size) })),
    keep: hidden({ ...queryOf(query), per: undefined, page: undefined, at: undefined }),
  };
}

function addressOf(query: Query): string {
  return withQuery(urls.invoices, queryOf(query));
}

function queryOf(query: Query): Record<string, string | number | undefined> {
  return {
    number: query.number,
    status: query.status === 'all' ? undefined : query.status,
    from: query.from,
    until: query.until,
    sort: query.sort === 'date' ? undefined : query.sort,
    dir: query.dir === 'desc' ? undefined : query.dir,
    per: perOf(query),
    page: query.page,
    at: query.at === 1 ? undefined : query.at,
  };
}

function perOf(query: Query): number | undefined {
  return query.per === 25 ? undefined : query.per;
}

function isFiltered(query: Query): boolean {
  return (
    Boolean(query.number) || query.status !== 'all' || query.from !== undefined || query.until !== undefined
  );
}

function hidden(values: Record<string, string | number | undefined>): Array<{ name: string; value: string }> {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value: String(value) }],
  );
}
