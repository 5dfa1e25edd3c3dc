import type { DocumentRow, DocumentsModel } from '#src/components/document-models.ts';
import type { Status } from '#src/components/models.ts';
import { type EstimateSummary, listEstimates } from '#src/documents/estimates.ts';
import { listingPage } from '../activity.ts';
import { amount, dateWhen } from '../formatting.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/** What Activity → Estimates shows. Refuses `bad_page` for a page mark that is not ours. */
export function estimatesPage(visitor: Visitor, search: URLSearchParams): Promise<DocumentsModel> {
  const { scope, language, account } = visitor;
  return listingPage(
    {
      kind: 'estimates',
      one: 'estimate',
      many: 'estimates',
      href: urls.estimates,
      searchLabel: 'Estimate number',
      columns: { number: 'Estimate', until: 'Good until', rest: 'Deposit' },
      statuses: {
        all: 'Any status',
        open: 'To answer',
        approved: 'Approved',
        invoiced: 'Invoiced',
        declined: 'Declined',
        expired: 'Expired',
      },
      none: 'When you are sent one, you find it here.',
      list: (query) => listEstimates(scope, query),
      row: (estimate) => estimateRow(estimate, language, account.role !== 'viewer'),
    },
    search,
  );
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
