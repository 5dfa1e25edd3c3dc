import type { InvoiceRow, InvoicesModel, SortLink } from '#src/components/models.ts';
import {
  INVOICE_SORTS,
  type InvoiceFilter,
  type ListedInvoice,
  listInvoices,
} from '#src/documents/invoice-list.ts';
import type { InvoiceSummary } from '#src/documents/invoices.ts';
import { isPositive, minorDigits } from '#src/kernel/money.ts';
import { dueNow } from '#src/payments/taking/parts.ts';
import { activityTabs } from '../activity.ts';
import { smoothCollections } from '../collecting/collecting.ts';
import {
  addressOf,
  asked,
  filterOf,
  isFiltered,
  type ListAddress,
  pagingOf,
  readListQuery,
} from '../list-query.ts';
import { amount, dateWhen, shortDate } from '../formatting.ts';
import type { Visitor } from '../visitor.ts';
import { invoiceBadge } from '../status.ts';
import { urls } from '#src/portal/urls.ts';

/** What Activity → Invoices shows. Refuses `bad_page` for a page mark that is not ours. */
export async function invoicesPage(visitor: Visitor, search: URLSearchParams): Promise<InvoicesModel> {
  const { scope, language, account } = visitor;
  const query = readListQuery(search, Object.keys(STATUS_LABELS), INVOICE_SORTS);
  const sort = INVOICE_SORTS.find((name) => name === query.sort);
  const order = { sort, descending: query.dir === 'desc' };
  const list = await listInvoices(scope, { ...asked<InvoiceFilter>(query), ...order });
  const collected = await collectedInvoices(visitor, list.rows);
  return {
    tabs: activityTabs('invoices', isFiltered(query) ? undefined : list.count),
    filter: filterOf(urls.invoices, query, STATUSES),
    sort: sortModel(query),
    rows: list.rows.map((invoice) => {
      const expected = invoice.promised && shortDate(invoice.promised, language);
      const mayPay = account.role !== 'viewer' && invoice.payable;
      return invoiceRow(invoice, language, { mayPay, isCollected: collected.has(invoice.id), expected });
    }),
    totals: list.totals.map(({ count, total, balance, later }) => ({
      label: `Total of ${count}`,
      total: amount(total, language),
      balance: amount(balance, language),
      balanceNote: isPositive(later) ? `${amount(later, language)} of it in later instalments` : undefined,
    })),
    paging: list.count > 0 ? pagingOf(urls.invoices, query, list) : undefined,
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

/** Ids of those of the invoices that will be collected by themselves: nobody is asked to pay them. */
async function collectedInvoices(
  visitor: Visitor,
  invoices: readonly ListedInvoice[],
): Promise<ReadonlySet<number>> {
  const mayBe = invoices.some((one) => one.payable && (visitor.customer.autopay || one.collectsItself));
  if (!mayBe) return new Set();
  return new Set((await smoothCollections(visitor)).map(({ invoiceId }) => invoiceId));
}

function invoiceRow(
  invoice: InvoiceSummary,
  language: string,
  {
    mayPay,
    isCollected,
    expected,
  }: { readonly mayPay: boolean; readonly isCollected: boolean; readonly expected: string | undefined },
): InvoiceRow {
  const now = dueNow(invoice);
  return {
    tick: mayPay ? { value: invoice.clientId, ...now, digits: minorDigits(now.currency) } : undefined,
    number: invoice.number,
    href: urls.invoice(invoice.clientId),
    date: dateWhen(invoice.date, language),
    due: invoice.dueDate === undefined ? undefined : dateWhen(invoice.dueDate, language),
    status: invoiceBadge(invoice, expected),
    total: amount(invoice.total, language),
    balance: amount(invoice.balance, language),
    paid: paidOf(invoice),
    balanceNote: invoice.planned && `${amount(now, language)} due`,
    payHref: mayPay && !isCollected ? urls.payInvoice(invoice.clientId) : undefined,
    pdfHref: urls.invoicePdf(invoice.clientId),
  };
}

function paidOf({ balance, total }: InvoiceSummary): InvoiceRow['paid'] {
  if (!isPositive(balance)) return 'all';
  return balance.minor < total.minor ? 'part' : undefined;
}

const STATUS_LABELS: Readonly<Record<InvoiceFilter, string>> = {
  all: 'Any status',
  open: 'To pay',
  past_due: 'Past due',
  payment_plan: 'Payment plan',
  processing: 'Processing',
  paid: 'Paid',
};

const STATUSES = Object.entries(STATUS_LABELS).map(([value, label]) => ({ value, label }));

const SORT_COLUMNS = { number: 'number', date: 'date', due_date: 'due', total: 'total' } as const;

function sortModel(query: ListAddress): InvoicesModel['sort'] {
  const links: Partial<Record<'number' | 'date' | 'due' | 'total', SortLink>> = {};
  for (const sort of INVOICE_SORTS) {
    const current = query.sort === sort;
    const dir = current && query.dir === 'desc' ? 'asc' : 'desc';
    links[SORT_COLUMNS[sort]] = {
      href: addressOf(urls.invoices, { ...query, sort, dir, page: undefined, at: 1 }),
      sorted: current ? (query.dir === 'desc' ? 'descending' : 'ascending') : undefined,
    };
  }
  return links;
}
