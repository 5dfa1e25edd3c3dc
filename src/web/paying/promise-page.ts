import { z } from 'zod';
import type { OutsideMethod, PromiseModel } from '#src/components/pay-models.ts';
import { invoicesByClientId, type InvoiceSummary, openInvoices } from '#src/documents/invoices.ts';
import { refuse } from '#src/kernel/errors.ts';
import { sum } from '#src/kernel/money.ts';
import { todayIn } from '#src/kernel/time.ts';
import { isUnderAutopay } from '#src/payments/methods/enrolment.ts';
import { dueNow } from '#src/payments/taking/parts.ts';
import {
  offlineMethodsFor,
  type PaymentPromise,
  promiseToPay,
  unkeptPromise,
  withdrawPromise,
} from '#src/payments/outside/promises.ts';
import type { OfflineMethod } from '#src/payments/attempts/terms.ts';
import { confirmedAt } from '../confirmation.ts';
import { amount } from '../formatting.ts';
import { type FormProblem, problemNotice, shownField } from '../forms.ts';
import { andMore, wordCollections } from './collection-words.ts';
import { assertSomethingOpen } from './nothing-open.ts';
import { collectedOf, OUTSIDE, promiseNotice } from './promise-words.ts';
import { dueNote } from '../status.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/* Paying outside the portal: how to, and when the customer says that they will. */

/** What the forms of the page send: a promise, or taking it back. */
export const PromiseForm = z.object({
  invoice: z
    .array(z.string().regex(/^[0-9A-Za-z]{24}$/))
    .min(1)
    .max(500),
  action: z.enum(['promise', 'withdraw']).default('promise'),
  method: z.enum(['wire_transfer', 'check']).optional(),
  date: z.string().max(20).default(''),
  /** That AutoPay is to leave it alone, where it would collect it. */
  instead: z
    .literal('on')
    .optional()
    .transform((value) => value === 'on'),
  reference: z.string().trim().max(100, 'Keep it to 100 letters.').optional(),
  notes: z.string().trim().max(1000, 'Keep it to 1,000 letters.').optional(),
});
export type PromiseForm = z.infer<typeof PromiseForm>;

/** Performs a sent form: where to go next, or what to show on the same page. */
export async function performPromise(visitor: Visitor, form: PromiseForm): Promise<string | FormProblem> {
  const { scope } = visitor;
  const { invoice: invoices, method } = form;
  if (form.action === 'withdraw') {
    for (const { id } of await invoicesByClientId(scope, invoices)) {
      const promise = await unkeptPromise(scope, id);
      if (promise) await withdrawPromise(scope, promise.id);
    }
    return confirmedAt(urls.promise(invoices), 'withdrawn');
  }
  const day = z.iso.date().safeParse(form.date);
  const wrong = {
    ...(method ? {} : { method: 'Choose how you will pay.' }),
    ...(day.success ? {} : { date: 'Choose a day.' }),
    ...(!form.instead && (await collectedOf(visitor, await invoicesByClientId(scope, invoices))).length > 0
      ? { instead: 'Tick this, or leave it to AutoPay and tell us nothing.' }
      : {}),
  };
  if (!method || !day.success || 'instead' in wrong) return { typed: {}, fields: wrong, refusal: undefined };
  const reference = form.reference || undefined;
  const notes = form.notes || undefined;
  const order = { invoices, method, expectedDate: day.data, reference, notes };
  await promiseToPay(scope, { ...order, insteadOfAutopay: form.instead });
  return confirmedAt(urls.promise(invoices), 'promised');
}

/** The invoices that a form was about, else those that the address names. */
export function promisedInvoices(problem: FormProblem, search: URLSearchParams): string[] {
  return problem.all ? problem.all('invoice') : search.getAll('invoice').filter((id) => id !== '');
}

/** What the page shows for the chosen invoices, or all that are open. Refuses `not_found`, `nothing_to_pay` and `mixed_currencies`. */
export async function promisePage(
  visitor: Visitor,
  chosen: readonly string[],
  search: URLSearchParams,
  problem: FormProblem,
): Promise<PromiseModel> {
  const { scope, language } = visitor;
  await assertSomethingOpen(scope, chosen);
  const named = chosen.length > 0 ? await invoicesByClientId(scope, chosen) : await openInvoices(scope);
  const invoices = named.filter(({ payable }) => payable);
  const first = invoices[0] ?? refuse('nothing_to_pay');
  const { currency } = first.total;
  if (invoices.some(({ total }) => total.currency !== currency)) refuse('mixed_currencies');
  const isAutopay = (await Promise.all(invoices.map(({ id }) => isUnderAutopay(scope, id)))).every(Boolean);
  const last = await promiseFor(visitor, invoices);
  // One whose day has passed matters here where AutoPay still waits for it.
  const promise = last?.state === 'open' || isAutopay ? last : undefined;
  const methods = await offlineMethodsFor(scope, invoices);
  const numbers = invoices.map(({ number }) => number);
  return {
    back:
      invoices.length === 1
        ? { label: `Invoice ${first.number}`, href: urls.invoice(first.clientId) }
        : { label: 'Activity', href: urls.invoices },
    title: titleOf(methods.map(({ name }) => name)),
    text: 'Pay from your bank, and tell us when: then nobody has to remind you.',
    notice:
      problemNotice(problem, 'Not noted yet') ?? (await promiseNotice(visitor, invoices, promise, search)),
    instead: await insteadOf(visitor, invoices, problem),
    action: urls.promises,
    hidden: invoices.map(({ clientId }) => ({ name: 'invoice', value: clientId })),
    methods: methods.map((method) =>
      methodOf(method, problem.typed['method'] ?? promise?.method ?? methods[0]?.name),
    ),
    methodError: problem.fields['method'],
    facts: [{ label: 'Amount', value: amount(sum(invoices.map(dueNow), currency), language) }],
    references: numbers,
    ...fieldsOf(visitor, promise, problem),
    promised: promise !== undefined,
    withdraw: isAutopay ? 'Take it back and let AutoPay collect it' : 'Take it back',
    items: invoices.map((invoice) => ({
      label: invoice.number,
      note: dueNote(invoice, language),
      amount: amount(dueNow(invoice), language),
      href: urls.invoice(invoice.clientId),
    })),
    none: `Ask ${scope.tenant.name} how to pay: no way to pay outside the portal is open for what you chose.`,
  };
}

/** Asks whether AutoPay is to leave alone what it would collect: one of the two is kept. */
async function insteadOf(
  visitor: Visitor,
  invoices: readonly InvoiceSummary[],
  problem: FormProblem,
): Promise<PromiseModel['instead']> {
  const [first, ...others] = await collectedOf(visitor, invoices);
  if (!first) return undefined;
  const [words] = await wordCollections(visitor, [first]);
  const what = `${first.number}${andMore(others.length)}`;
  return {
    label: 'I pay this myself: AutoPay leaves it alone',
    hint: `AutoPay would collect ${what} ${words!.when} from ${words!.method}.`,
    error: problem.fields['instead'],
    checked: problem.typed['instead'] === 'on',
  };
}

function titleOf(names: readonly OfflineMethod[]): string {
  return names.length === 0
    ? 'Pay outside the portal'
    : `Pay by ${names.map((name) => OUTSIDE[name]).join(' or ')}`;
}

function methodOf(
  { name, instructions }: { readonly name: OfflineMethod; readonly instructions: string },
  wanted: string | undefined,
): OutsideMethod {
  const label = OUTSIDE[name];
  return {
    value: name,
    label: label.charAt(0).toUpperCase() + label.slice(1),
    instructions,
    icon: name === 'check' ? 'mail' : 'bank',
    checked: name === wanted,
  };
}

/** The promise that is open for all of them; undefined where they differ. */
async function promiseFor(
  { scope }: Visitor,
  invoices: readonly InvoiceSummary[],
): Promise<PaymentPromise | undefined> {
  const promises = await Promise.all(invoices.map(({ id }) => unkeptPromise(scope, id)));
  const [first] = promises;
  const same = promises.every(
    (one) => one?.expectedDate === first?.expectedDate && one?.method === first?.method,
  );
  return same ? first : undefined;
}

function fieldsOf(
  { scope }: Visitor,
  promise: PaymentPromise | undefined,
  problem: FormProblem,
): Pick<PromiseModel, 'expected' | 'note' | 'ownReference'> {
  const today = todayIn(scope.clock, scope.tenant.timeZone);
  const soon = today.add({ days: 3 }).toString();
  return {
    expected: {
      ...shownField(problem, 'date', promise?.expectedDate ?? soon),
      min: today.toString(),
      max: today.add({ years: 1 }).toString(),
    },
    ownReference: shownField(problem, 'reference', promise?.reference),
    note: shownField(problem, 'notes', promise?.notes),
  };
}
