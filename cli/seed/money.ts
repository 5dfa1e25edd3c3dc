import { issueEstimate } from '#src/documents/issue.ts';
import { approve, declineEstimate } from '#src/documents/estimate-approval.ts';
import { money, parseMoney } from '#src/kernel/money.ts';
import { todayIn } from '#src/kernel/time.ts';
import { collectDue } from '#src/payments/collecting/autopay.ts';
import { enrol } from '#src/payments/methods/enrolment.ts';
import type { Source } from '#src/payments/gateways/gateway.ts';
import { addMethod } from '#src/payments/methods/method-setup.ts';
import { listMethods } from '#src/payments/methods/methods.ts';
import { scheduleOf } from '#src/payments/plans/plan-schedule.ts';
import { findPlan } from '#src/payments/plans/plan.ts';
import { approvePlan, attachPlan } from '#src/payments/plans/plans.ts';
import { promiseToPay } from '#src/payments/outside/promises.ts';
import { refundNonce, refundPayment } from '#src/payments/returning/refunds.ts';
import { offlineMethods } from '#src/payments/attempts/terms.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '#src/scope.ts';
import { at, dayText } from './days.ts';
import { partsOf } from './parts.ts';
import type {
  CustomerPlan,
  EstimatePlan,
  InstallmentPlan,
  MerchantPlan,
  MethodPlan,
  PromisePlan,
  RefundPlan,
} from './plan.ts';

/** The browser that the demo's customers agreed with. */
const EVIDENCE = { ip: '192.0.2.17', userAgent: 'The demo' };

/**
 * What a customer of the demo does with money besides paying: estimates, payment methods, AutoPay, plans, promises and refunds, each through
 * its operation and on its day. What is there already stays as it is.
 */
export async function seedMoney(
  merchant: MerchantScope,
  plan: MerchantPlan,
  customer: CustomerPlan,
  customerId: number,
): Promise<void> {
  const scopeAt = (day: number): CustomerScope =>
    customerScope(at(merchant, day), customerId, 'customer:demo');
  for (const estimate of customer.estimates ?? [])
    await addEstimate(merchant, plan, customer, scopeAt, estimate);
  const scope = scopeAt(0);
  if ((await listMethods(scope)).length === 0) {
    for (const [i, method] of (customer.methods ?? []).entries()) await addOne(scopeAt(-120), method, i);
  }
  if (customer.autopay) await enrolOn(scopeAt(customer.autopay.day));
  for (const installments of customer.plans ?? []) await addPlan(merchant, scopeAt, installments);
  for (const promise of customer.promises ?? []) await addPromise(scope, promise);
  for (const refund of customer.refunds ?? []) await giveBack(merchant, scope, refund);
}

/** Collects what AutoPay and plans had due on those days: some of it fails, as it does in life. */
export async function collectPast(merchant: MerchantScope, days: readonly number[]): Promise<void> {
  for (const day of days) await collectDue({ ...at(merchant, day), actor: 'autopay' });
}

async function addEstimate(
  merchant: MerchantScope,
  plan: MerchantPlan,
  customer: CustomerPlan,
  scopeAt: (day: number) => CustomerScope,
  estimate: EstimatePlan,
): Promise<void> {
  const { number, day, expires, deposit, answer, notes } = estimate;
  const scope = scopeAt(answer?.day ?? day);
  const known = await scope.db.from('estimates').select('id').where('number', '=', number).executeTakeFirst();
  if (known) return;
  const currency = estimate.currency ?? customer.currency ?? plan.currency;
  const { id } = await issueEstimate(at(merchant, day), {
    customerId: scope.customerId,
    number,
    currency,
    notes,
    date: dayText(merchant, day),
    expirationDate: expires === undefined ? undefined : dayText(merchant, expires),
    deposit: deposit === undefined ? undefined : { percent: deposit },
    ...partsOf(plan, estimate, currency),
  });
  if (!answer) return;
  if ('reason' in answer) await declineEstimate(scope, id, answer.reason);
  else await approve(scope, { estimateId: id, initials: answer.initials, ...EVIDENCE });
}

async function addOne(scope: CustomerScope, method: MethodPlan, position: number): Promise<void> {
  const outcome = await addMethod(scope, {
    nonce: `demo method ${scope.customerId} ${position}`,
    with: sourceOf(scope, method),
    name: method.name,
    microDeposits: method.waits,
    acceptance: EVIDENCE,
  });
  if (!('methodId' in outcome)) throw new Error(`the demo's ${method.kind} is ${outcome.state}`);
}

type NewSource = Exclude<Source, { readonly kind: 'saved' }>;

function sourceOf(scope: CustomerScope, { kind, holder, expiresIn = 60 }: MethodPlan): NewSource {
  const bank = { holder, holderType: 'company' as const };
  if (kind === 'iban') return { kind: 'bank_account', account: { ...bank, iban: 'DE75512108001245126199' } };
  if (kind === 'account')
    return { kind: 'bank_account', account: { ...bank, routing: '110000000', account: '123456789' } };
  const until = todayIn(scope.clock, scope.tenant.timeZone).add({ days: 120 }).add({ months: expiresIn });
  const card = { number: CARDS[kind], expMonth: until.month, expYear: until.year, cvc: '123', holder };
  return { kind: 'card', card };
}

const CARDS = {
  visa: '4242424242424242',
  mastercard: '5454545454545454',
  'declining card': '4000000000000069',
} as const;

async function enrolOn(scope: CustomerScope): Promise<void> {
  const { autopay } = await scope.db.from('customers').select('autopay').executeTakeFirstOrThrow();
  const [first] = await listMethods(scope);
  if (autopay === 0 && first) await enrol(scope, first.id);
}

async function addPlan(
  merchant: MerchantScope,
  scopeAt: (day: number) => CustomerScope,
  { invoice: number, count, every, first, approved }: InstallmentPlan,
): Promise<void> {
  const scope = scopeAt(approved ?? 0);
  const invoice = await invoiceOf(scope, number);
  if (await findPlan(scope, invoice.id)) return;
  const wish = { first: dayText(merchant, first), every, count };
  const schedule = scheduleOf(money(invoice.balance_minor, invoice.currency), wish);
  const { hash } = await attachPlan(at(merchant, approved ?? 0), invoice.id, schedule);
  if (approved === undefined) return;
  const [method] = await listMethods(scope);
  await approvePlan(scope, { invoiceId: invoice.id, hash, methodId: method?.id, ...EVIDENCE });
}

async function addPromise(scope: CustomerScope, promise: PromisePlan): Promise<void> {
  const { id, client_id: clientId } = await invoiceOf(scope, promise.invoice);
  const known = await scope.db.from('promises').select('id').where('invoice_id', '=', id).executeTakeFirst();
  // A tenant of that name may have been there before, without a word on how to pay outside the portal.
  const offered = await offlineMethods(scope, undefined);
  if (known || !offered.some(({ name }) => name === promise.method)) return;
  const { method, expected, reference, notes } = promise;
  const expectedDate = dayText(scope, expected);
  await promiseToPay(scope, { invoices: [clientId], method, expectedDate, reference, notes });
}

async function giveBack(merchant: MerchantScope, scope: CustomerScope, refund: RefundPlan): Promise<void> {
  const { id } = await invoiceOf(scope, refund.invoice);
  const { id: paymentId, currency } = await scope.db
    .from('payment_applications')
    .innerJoin(scope.db.rows('payments'), 'payments.id', 'payment_applications.payment_id')
    .select(['payments.id', 'payments.currency'])
    .where('payment_applications.invoice_id', '=', id)
    .executeTakeFirstOrThrow();
  await refundPayment(at(merchant, refund.day), {
    nonce: refundNonce(merchant, `demo refund of ${refund.invoice}`),
    paymentId,
    amount: parseMoney(refund.amount, currency),
    reason: refund.reason,
  });
}

function invoiceOf({ db }: CustomerScope, number: string) {
  return db
    .from('invoices')
    .select(['id', 'client_id', 'currency', 'balance_minor'])
    .where('number', '=', number)
    .executeTakeFirstOrThrow();
}
