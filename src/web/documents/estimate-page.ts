import type { DocumentModel } from '#src/components/document-models.ts';
import type { NoticeModel } from '#src/components/models.ts';
import { markSeen, trailOf } from '#src/documents/content.ts';
import { isDepositUnderWay } from '#src/documents/estimate-approval.ts';
import { type Estimate, findEstimate } from '#src/documents/estimates.ts';
import { longDate } from '#src/kernel/format.ts';
import { isPositive } from '#src/kernel/money.ts';
import { dateOf } from '#src/kernel/time.ts';
import { confirmation, doneOf } from '../confirmation.ts';
import { estimateBadge } from './estimates-page.ts';
import { whatFollows } from '../estimate-words.ts';
import { amount, shortDate } from '../formatting.ts';
import { eventLines, factsOf, paperLines, paperSums, partiesOf } from './paper.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/** What an estimate's page shows. The first look is noted. Refuses `not_found`. */
export async function estimatePage(
  visitor: Visitor,
  clientId: string,
  search: URLSearchParams,
): Promise<DocumentModel> {
  const { scope, language, account } = visitor;
  const estimate = await findEstimate(scope, clientId);
  await markSeen(scope, 'estimates', estimate.id);
  const underWay = await isDepositUnderWay(scope, estimate.id);
  const mayAnswer = estimate.isOpen && account.role !== 'viewer' && !underWay;
  return {
    back: { label: 'Activity', href: urls.estimates },
    title: `Estimate ${estimate.number}`,
    notice: answeredNotice(visitor, estimate, doneOf(search, ['approved', 'declined'])),
    number: estimate.number,
    ...partiesOf(visitor),
    facts: factsOf([
      ['Date', shortDate(estimate.date, language)],
      ['Good until', estimate.expires && shortDate(estimate.expires, language)],
      ['Purchase order', estimate.purchaseOrder],
      ['Your reference', estimate.buyerReference],
      ['Terms', estimate.paymentTerms],
    ]),
    lines: paperLines(estimate.lines, estimate.currency, language),
    sums: sumsOf(estimate, language),
    notes: estimate.notes ? [{ title: 'Notes', text: estimate.notes }] : [],
    status: underWay ? { tone: 'calm', label: 'Deposit on its way' } : estimateBadge(estimate),
    amount: amount(estimate.total, language),
    amountNote: amountNote(estimate, language),
    go: goOf(estimate, mayAnswer, language),
    more: mayAnswer ? [{ label: 'Decline', href: urls.decline(clientId) }] : [],
    note: noteOf(estimate, underWay, visitor),
    pdfHref: urls.estimatePdf(clientId),
    lists: approvalList(estimate, visitor),
    events: eventLines(await trailOf(scope, 'estimate_id', estimate.id), EVENT_TEXTS, visitor),
  };
}

/** What was answered just now, as it was recorded; undefined where it was not. */
function answeredNotice(
  { scope, language }: Visitor,
  estimate: Estimate,
  done: 'approved' | 'declined' | undefined,
): NoticeModel | undefined {
  const { number, total, approval, status, declineReason } = estimate;
  const shared = [
    ['With', scope.tenant.name],
    ['Total', amount(total, language)],
  ] as const;
  if (done === 'approved' && approval)
    return confirmation(`You approved estimate ${number}`, [
      ...shared,
      ['Initials', approval.initials],
      ['On', longDate(dateOf(approval.at, scope.tenant.timeZone), language)],
      ['Next', whatFollows(estimate, scope.tenant.name, language)],
    ]);
  if (done !== 'declined' || status !== 'declined') return undefined;
  const text = `Nothing is owed for it. Ask ${scope.tenant.name} for a new one if you change your mind.`;
  return confirmation(`You declined estimate ${number}`, [...shared, ['Your reason', declineReason]], {
    tone: 'calm',
    text,
  });
}

function sumsOf(estimate: Estimate, language: string): DocumentModel['sums'] {
  const { deposit, depositPaid } = estimate;
  return [
    ...paperSums(estimate, language),
    ...(isPositive(deposit) ? [{ label: 'Deposit', value: amount(deposit, language) }] : []),
    ...(isPositive(depositPaid) ? [{ label: 'Deposit paid', value: amount(depositPaid, language) }] : []),
  ];
}

function goOf(estimate: Estimate, mayAnswer: boolean, language: string): DocumentModel['go'] {
  if (estimate.invoice)
    return {
      label: `Show invoice ${estimate.invoice.number}`,
      href: urls.invoice(estimate.invoice.clientId),
    };
  if (!mayAnswer) return undefined;
  const left = { ...estimate.deposit, minor: estimate.deposit.minor - estimate.depositPaid.minor };
  const label = isPositive(left) ? `Approve and pay ${amount(left, language)}` : 'Approve';
  return { label, href: urls.approval(estimate.clientId) };
}

function amountNote({ status, expires, approval }: Estimate, language: string): string {
  switch (status) {
    case 'approved':
      return approval ? `approved with ${approval.initials}` : 'approved';
    case 'invoiced':
      return 'is invoiced';
    case 'declined':
      return 'was declined';
    case 'expired':
      return `was good until ${longDate(expires ?? '', language)}`;
    default:
      return expires ? `is good until ${longDate(expires, language)}` : 'waits for your answer';
  }
}

function noteOf(estimate: Estimate, underWay: boolean, { scope, account }: Visitor): string | undefined {
  const { name } = scope.tenant;
  if (underWay) return 'Your deposit is on its way. The estimate is approved when it has arrived.';
  switch (estimate.status) {
    case 'approved':
      return isPositive(estimate.depositPaid)
        ? `Thank you. Your deposit is kept and pays the invoice that ${name} sends you.`
        : `Thank you. ${name} sends you an invoice.`;
    case 'declined':
      return estimate.declineReason && `You said: ${estimate.declineReason}`;
    case 'expired':
      return `Ask ${name} for a new one if you would still like it.`;
    case 'sent':
    case 'viewed':
      return account.role === 'viewer' ? 'Your access lets you look. An owner can approve it.' : undefined;
    default:
      return undefined;
  }
}

function approvalList({ approval }: Estimate, { scope, language }: Visitor): DocumentModel['lists'] {
  if (!approval) return [];
  const day = longDate(dateOf(approval.at, scope.tenant.timeZone), language);
  return [
    {
      title: 'Approval',
      items: [
        { label: 'Initials', amount: approval.initials },
        { label: 'On', amount: day },
        { label: 'From', amount: approval.ip },
      ],
    },
  ];
}

const EVENT_TEXTS: Readonly<Record<string, string>> = {
  'estimate.created': 'Sent',
  'estimate.viewed': 'You opened this estimate',
  'estimate.approved': 'You approved it',
  'estimate.declined': 'You declined it',
  'estimate.invoiced': 'An invoice was made of it',
};
