import { z } from 'zod';
import type { CreditModel } from '#src/components/document-models.ts';
import { openInvoices } from '#src/documents/invoices.ts';
import { Refusal } from '#src/kernel/errors.ts';
import { isPositive, negate, subtract } from '#src/kernel/money.ts';
import {
  applyCredits,
  type CreditDraft,
  prepareCredit,
  usedCredit,
} from '#src/payments/credit/credit-uses.ts';
import {
  type CreditMovement,
  creditMovements,
  type CustomerCredit,
  customerCredit,
} from '#src/payments/credit/credits.ts';
import { amount, dateWhen, shortDate } from '../formatting.ts';
import { Nonce, type FormProblem, problemNotice } from '../forms.ts';
import { dueNote } from '../status.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/** What the form that uses credit sends. */
export const CreditForm = z.object({
  nonce: Nonce,
  /** `{client id}:{minor units}`: what the customer saw that credit would pay. */
  seen: z
    .array(z.string().regex(/^[0-9A-Za-z]{24}:\d{1,16}$/))
    .min(1)
    .max(500),
});
export type CreditForm = z.infer<typeof CreditForm>;

/** Performs a sent form: where to go next. */
export async function performCredit({ scope }: Visitor, { nonce, seen }: CreditForm): Promise<string> {
  const pairs = seen.map((pair) => [pair.slice(0, 24), Number(pair.slice(25))] as const);
  await applyCredits(scope, { nonce, seen: new Map(pairs) });
  return urls.usedCredit(nonce);
}

/** The invoices that a form was about, so that the same page can be shown again; on a first visit those that the address names. */
export function creditedInvoices(problem: FormProblem, search: URLSearchParams): string[] {
  if (problem.all) return problem.all('seen').map((pair) => pair.slice(0, 24));
  return search.getAll('invoice').filter((id) => id !== '');
}

/** What a customer's credit page shows: what there is, what it would pay of the chosen invoices, and where it came from and went. */
export async function creditPage(
  visitor: Visitor,
  chosen: readonly string[],
  used: string | undefined,
  problem: FormProblem,
): Promise<CreditModel> {
  const { scope, language } = visitor;
  const credits = await customerCredit(scope);
  const offer = await offerOf(visitor, chosen);
  return {
    back: { label: 'My Account', href: urls.home },
    title: 'Your credit',
    notice:
      (await usedNotice(visitor, used)) ??
      problemNotice(problem, 'Nothing was used', 'Choose the invoices again.'),
    balances: credits
      .filter(({ usable, held, returning }) => [usable, held, returning].some(isPositive))
      .map((credit) => balanceOf(credit, visitor)),
    ...offer,
    history: (await creditMovements(scope, 20)).map((movement) => ({
      when: dateWhen(movement.date, language),
      text: movementText(movement, scope.tenant.name),
      amount: amount(movement.amount, language),
    })),
    empty: {
      title: 'No credit',
      text: 'Credit notes, payments in advance and deposits are shown here.',
      link: { label: 'Back to my account', href: urls.home },
    },
  };
}

async function offerOf(
  visitor: Visitor,
  chosen: readonly string[],
): Promise<Pick<CreditModel, 'use' | 'choose' | 'why'>> {
  const { scope, account, language } = visitor;
  if (account.role === 'viewer') return { why: 'Your access lets you look. An owner can use the credit.' };
  try {
    const draft = await prepareCredit(scope, chosen);
    return { use: useOf(draft, language), choose: await chooseOf(visitor, draft, chosen) };
  } catch (error) {
    if (!(error instanceof Refusal) || error.status === 404) throw error;
    if (error.code === 'no_credit') return {};
    return { why: WHY[error.code] ?? `${error.publicly.message} ${error.publicly.hint}` };
  }
}

const WHY: Readonly<Record<string, string>> = {
  nothing_to_pay: 'There is no open invoice that it could pay now. It is kept for the next one.',
};

function useOf({ nonce, invoices, total }: CreditDraft, language: string): CreditModel['use'] {
  if (total.minor === 0) return undefined;
  return {
    action: urls.credit,
    hidden: [
      { name: 'nonce', value: nonce },
      ...invoices.map(({ clientId, pays }) => ({ name: 'seen', value: `${clientId}:${pays.minor}` })),
    ],
    items: invoices
      .filter(({ pays }) => isPositive(pays))
      .map(({ clientId, number, left, pays }) => ({
        label: number,
        note: pays.minor === left.minor ? 'paid in full' : `of ${amount(left, language)}`,
        amount: amount(pays, language),
        href: urls.invoice(clientId),
      })),
    total: amount(total, language),
    button: `Use ${amount(total, language)} of credit`,
  };
}

/**
 * Every open invoice in the currency of the credit; nothing to choose from when there is one. Ticked is what was chosen, at first what the
 * credit reaches, the earliest due first.
 */
async function chooseOf(
  { scope, language }: Visitor,
  { credit, invoices }: CreditDraft,
  chosen: readonly string[],
): Promise<CreditModel['choose']> {
  const open = (await openInvoices(scope)).filter(
    ({ payable, total }) => payable && total.currency === credit.currency,
  );
  if (open.length < 2) return undefined;
  return {
    action: urls.credit,
    name: 'invoice',
    invoices: open.slice(0, 100).map((invoice) => ({
      value: invoice.clientId,
      label: invoice.number,
      note: `${amount(invoice.balance, language)}, ${dueNote(invoice, language)}`,
      checked: invoices.some(({ id, pays }) => id === invoice.id && (chosen.length > 0 || isPositive(pays))),
    })),
  };
}

function balanceOf(
  { notes, balance, held, returning, usable }: CustomerCredit,
  { language }: Visitor,
): CreditModel['balances'][number] {
  const parts = [
    {
      label: 'Credit balance',
      note: 'Paid in advance, or given to you',
      part: subtract(subtract(balance, held), returning),
    },
    { label: 'Deposits', note: 'Kept for the invoices of your estimates', part: held },
    {
      label: 'On its way back',
      note: 'Being returned to whoever paid it, so it cannot be used',
      part: returning,
    },
  ];
  return {
    usable: amount(usable, language),
    note: isPositive(usable) ? 'can go against your invoices' : 'is free to use now',
    items: [
      ...notes.map((note) => ({
        label: note.number,
        note: `Credit note of ${shortDate(note.date, language)}`,
        amount: amount(note.balance, language),
        href: urls.creditNote(note.clientId),
      })),
      ...parts
        .filter(({ part }) => isPositive(part))
        .map(({ label, note, part }) => ({ label, note, amount: amount(part, language) })),
    ],
  };
}

function movementText(
  { kind, invoices, creditNotes, notes, amount: moved }: CreditMovement,
  merchant: string,
): string {
  switch (kind) {
    case 'credit_note':
      return `Credit note ${creditNotes.join(', ')}`;
    case 'credit_applied':
      return `Used for ${invoices.join(', ')}`;
    case 'payment':
      return 'Paid in advance or as a deposit';
    case 'credit_adjustment':
      return notes ?? `Changed by ${merchant}`;
    case 'refund':
      return 'Given back to you';
    case 'write_off':
      return 'Taken back by your bank';
    default:
      return isPositive(negate(moved)) ? 'Taken back' : 'Added';
  }
}

async function usedNotice(
  { scope, language }: Visitor,
  nonce: string | undefined,
): Promise<CreditModel['notice']> {
  const used = nonce && (await usedCredit(scope, nonce));
  if (!used) return undefined;
  return {
    tone: 'good',
    title: `${amount(used.total, language)} of credit was used`,
    text: `For ${used.invoices.map(({ number }) => number).join(', ')}.`,
  };
}
