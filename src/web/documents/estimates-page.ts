import type { DocumentRow, DocumentsModel } from '#src/components/document-models.ts';
import type { Status } from '#src/components/models.ts';
import {
  ESTIMATE_FILTERS,
  type EstimateFilter,
  type EstimateSummary,
  listEstimates,
} from '#src/documents/estimates.ts';
import { activityTabs, filterOf, isFiltered, pagingOf, readListQuery } from '../activity.ts';
import { amount, dateWhen } from '../formatting.ts';
import { urls } from '../urls.ts';
import type { Visitor } from '../visitor.ts';

const FILTER_LABELS: Record<EstimateFilter, string> = {
  all: 'Any status',
  open: 'To answer',
  approved: 'Approved',
  invoiced: 'Invoiced',
  declined: 'Declined',
  expired: 'Expired',
};

/** What Activity → Estimates shows. Refuses `bad_page` for a page mark that is not ours. */
export async function estimatesPage(visitor: Visitor, search: URLSearchParams): Promise<DocumentsModel> {
  const { scope, language, account } = visitor;
  const query = readListQuery(search, ESTIMATE_FILTERS);
  const list = await listEstimates(scope, {
    search: query.number,
    status: ESTIMATE_FILTERS.find((filter) => filter === query.status),
    from: query.from,
    to: query.until,
    size: query.per,
    cursor: query.page,
  });
  const filtered = isFiltered(query);
  return {
    title: 'Estimates',
    tabs: activityTabs('estimates', filtered ? undefined : list.count),
    searchLabel: 'Estimate number',
    filter: filterOf(
      urls.estimates,
      query,
      ESTIMATE_FILTERS.map((value) => ({ value, label: FILTER_LABELS[value] })),
    ),
    columns: { number: 'Estimate', until: 'Good until', rest: 'Deposit' },
    rows: list.rows.map((estimate) => estimateRow(estimate, language, account.role !== 'viewer')),
    paging: list.count > 0 ? pagingOf(urls.estimates, query, list) : undefined,
    empty: filtered
      ? {
          title: 'No estimate matches',
          text: 'Try another number, status or time.',
          link: { label: 'Show all estimates', href: urls.estimates },
        }
      : { title: 'No estimates yet', text: 'When you are sent one, you find it here.' },
  };
}

/** How an estimate stands, in the words of its badge. */
export function estimateBadge({ status }: Pick<EstimateSummary, 'status'>): Status {
  switch (status) {
    case 'sent':
    case 'viewed':
      return { tone: 'warn', label: 'To answer' };
    case 'approved':
      return { tone: 'good', label: 'Approved' };
    case 'invoiced':
      return { tone: 'calm', label: 'Invoiced' };
    case 'declined':
      return { tone: 'plain', label: 'Declined' };
    case 'expired':
      return { tone: 'plain', label: 'Expired' };
    default:
      return { tone: 'plain', label: status };
  }
}

function estimateRow(estimate: EstimateSummary, language: string, mayAnswer: boolean): DocumentRow {
  const { clientId, deposit, depositPaid } = estimate;
  const shown = depositPaid.minor > 0 ? depositPaid : deposit;
  return {
    number: estimate.number,
    href: urls.estimate(clientId),
    date: dateWhen(estimate.date, language),
    until: estimate.expires === undefined ? undefined : dateWhen(estimate.expires, language),
    status: estimateBadge(estimate),
    total: amount(estimate.total, language),
    rest: shown.minor === 0 ? '–' : amount(shown, language),
    action: estimate.isOpen && mayAnswer ? { label: 'Approve', href: urls.approval(clientId) } : undefined,
    pdfHref: urls.estimatePdf(clientId),
  };
}
