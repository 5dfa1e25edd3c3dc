import { createCustomer } from '#src/customers/customers.ts';
import { issueCreditNote, issueInvoice } from '#src/documents/issue.ts';
import { Refusal } from '#src/kernel/errors.ts';
import { money } from '#src/kernel/money.ts';
import { nowMs, todayIn } from '#src/kernel/time.ts';
import { collectDue } from '#src/payments/collecting/autopay.ts';
import { answerChallenge } from '#src/payments/taking/charge.ts';
import { applyCredits, prepareCredit } from '#src/payments/credit/credit-uses.ts';
import { adjustCredit } from '#src/payments/credit/credits.ts';
import { enrol, leaveAutopay } from '#src/payments/methods/enrolment.ts';
import type { GatewayEvent } from '#src/payments/gateways/gateway.ts';
import { accountAt } from '#src/payments/gateways/gateways.ts';
import { addMethod } from '#src/payments/methods/method-setup.ts';
import { payInAdvance, payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { scheduleOf } from '#src/payments/plans/plan-schedule.ts';
import { approvePlan, attachPlan, cancelPlan } from '#src/payments/plans/plans.ts';
import { breakPromises, reconcile } from '#test/support/work.ts';
import { promiseToPay, unkeptPromise, withdrawPromise } from '#src/payments/outside/promises.ts';
import { recordMoney } from '#src/payments/outside/record.ts';
import { refundPayment } from '#src/payments/returning/refunds.ts';
import { settle } from '#src/payments/taking/settle.ts';
import { voidPayment } from '#src/payments/outside/voids.ts';
import { voidInvoice } from '#src/documents/voids.ts';
import { receiveWebhook } from '#src/payments/news/webhooks.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '#src/scope.ts';
import type { House } from '#test/support/house.ts';
import { INSTRUMENTS, type Step, type Way } from './steps.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** What the network does to the next request. */
export interface Faults {
  next: 'lose_answer' | 'lose_request' | undefined;
}

/** Where histories are told. */
export interface Place {
  readonly house: House;
  readonly merchant: MerchantScope;
  readonly faults: Faults;
}

/** One customer in a history: does what the steps say, and remembers what nobody else would know. */
export class Person {
  readonly scope: CustomerScope;
  readonly #place: Place;
  readonly #invoices: ReadonlyArray<{ readonly id: number; readonly clientId: string }>;
  readonly #attempts: string[] = [];
  /** What the gateway once said, to be said again when it is long out of date. */
  readonly #oldNews: GatewayEvent[] = [];
  /** Money that came and went outside the gateway: minor units. */
  #outside = 0;
  #again: (() => Promise<{ readonly attemptId: string }>) | undefined;
  #count = 0;
  readonly #faults: string[] = [];

  private constructor(place: Place, customerId: number, invoices: Person['invoices']) {
    this.#place = place;
    this.#invoices = invoices;
    this.scope = customerScope(place.merchant, customerId);
  }

  static async meet(place: Place, amounts: readonly number[]): Promise<Person> {
    const { id } = await createCustomer(place.merchant, { name: 'Petra' });
    const invoices = [];
    for (const amountMinor of amounts) {
      const lines = [{ name: 'Paper', unitCost: '0', amountMinor }];
      const date = todayIn(place.merchant.clock, 'Europe/Berlin').toString();
      invoices.push(await issueInvoice(place.merchant, { customerId: id, currency: 'EUR', date, lines }));
    }
    return new Person(place, id, invoices);
  }

  get invoices(): ReadonlyArray<{ readonly id: number; readonly clientId: string }> {
    return this.#invoices;
  }

  /** The minor units that came and went outside the gateway. */
  get outside(): number {
    return this.#outside;
  }

  /** What AutoPay did that it must not. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  get attempts(): readonly string[] {
    return this.#attempts;
  }

  /** Refusals are answers too; anything else thrown is a bug. */
  async take(step: Step): Promise<void> {
    try {
      await this.#take(step);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
    this.#place.faults.next = undefined;
    await this.#noteNews();
  }

  /** Nothing more is collected by itself: the next history has the clock for itself. */
  async rest(): Promise<void> {
    await leaveAutopay(this.scope, { plans: 'stop' });
    for (let pick = 0; pick < this.#invoices.length; pick++) await this.take({ do: 'cancel the plan', pick });
  }

  async #take(step: Step): Promise<unknown> {
    const { house, merchant, faults } = this.#place;
    switch (step.do) {
      case 'pay':
        if (step.lose) faults.next = 'lose_answer';
        return this.pay(step.invoices, step.percent, step.with);
      case 'send again':
        return this.#again?.();
      case 'pay in advance': {
        const order = {
          nonce: this.#nonce(),
          amount: money(step.minor, 'EUR'),
          with: INSTRUMENTS[step.with],
        };
        return this.#begin(() => payInAdvance(this.scope, order));
      }
      case 'answer the bank':
        return this.#attempts.length > 0 && answerChallenge(this.scope, this.#attempts.at(-1)!, step.passed);
      case 'let days pass':
        house.clock.move(step.days * DAY_MS);
        await reconcile(merchant);
        return this.#collect();
      case 'hear old news': {
        const news = picked(this.#oldNews, step.pick);
        return news?.about === 'attempt' && settle(this.scope, news.attemptId, news.reply);
      }
      case 'get a webhook':
        return this.#webhook(step.pick, step.times);
      case 'get a credit note':
        return issueCreditNote(merchant, {
          ...this.#document(),
          lines: [{ name: 'Returned', unitCost: '0', amountMinor: step.minor }],
        });
      case 'record a transfer':
        return this.#record(step.minor);
      case 'adjust credit':
        return adjustCredit(merchant, {
          customerId: this.scope.customerId,
          amount: money(step.minor, 'EUR'),
        });
      case 'use credit': {
        const { invoices } = await prepareCredit(this.scope, []);
        const seen = new Map(invoices.map(({ clientId, pays }) => [clientId, pays.minor]));
        return applyCredits(this.scope, { nonce: this.#nonce(), seen });
      }
      case 'refund':
        return this.#refund(step.pick, step.percent);
      case 'void a payment':
        return this.#voidPayment(step.pick);
      case 'void an invoice':
        return voidInvoice(merchant, picked(this.#invoices, step.pick)!.id);
      case 'plan':
        return this.#plan(step.pick, step.count, step.approve);
      case 'cancel the plan':
        return cancelPlan(merchant, picked(this.#invoices, step.pick)!.id);
      case 'turn AutoPay on': {
        const methodId = await this.#keep(step.with);
        return methodId !== undefined && enrol(this.scope, methodId);
      }
      case 'leave AutoPay':
        return leaveAutopay(this.scope, { plans: step.plans });
      case 'be collected from':
        house.clock.move(step.hours * HOUR_MS);
        faults.next = step.lose;
        return this.#collect();
      case 'promise a transfer':
        return promiseToPay(this.scope, {
          invoices: [picked(this.#invoices, step.pick)!.clientId],
          method: 'wire_transfer',
          expectedDate: todayIn(this.scope.clock, 'Europe/Berlin').add({ days: step.days }).toString(),
          insteadOfAutopay: step.instead,
        });
      case 'take a promise back': {
        const promise = await unkeptPromise(this.scope, picked(this.#invoices, step.pick)!.id);
        return promise && withdrawPromise(this.scope, promise.id);
      }
    }
  }

  /** Collects what is due, twice at once, and notes what that must never do. */
  async #collect(): Promise<void> {
    const { merchant } = this.#place;
    await breakPromises(merchant);
    const promised = await this.scope.db
      .from('promises')
      .select('invoice_id')
      .where('state', '=', 'open')
      .execute();
    const before = new Set((await this.#collected()).map(({ slot }) => slot));
    await Promise.all([collectDue(merchant), collectDue(merchant)]);
    const fresh = (await this.#collected()).filter(({ slot }) => !before.has(slot));
    if (fresh.some(({ invoice_id: id }) => promised.some((one) => one.invoice_id === id)))
      this.#faults.push('what was promised was collected');
    if (new Set(fresh.map((one) => one.attempt_id)).size > 1)
      this.#faults.push('what was due together was several charges');
  }

  #collected() {
    return this.scope.db.from('attempt_slots').select(['slot', 'attempt_id', 'invoice_id']).execute();
  }

  /** Pays so many percent of what is left of the invoices; answers the attempt's id when one was made. */
  async pay(which: readonly number[], percent: number, way: Way): Promise<string | undefined> {
    const before = this.#attempts.length;
    const { invoices } = await preparePayment(
      this.scope,
      which.map((i) => this.#invoices[i]!.clientId),
    );
    const order = {
      nonce: this.#nonce(),
      seen: new Map(invoices.map(({ clientId, left }) => [clientId, left.minor])),
      parts: new Map(
        invoices.map(({ clientId, left }) => [clientId, Math.ceil((left.minor * percent) / 100)]),
      ),
      with: INSTRUMENTS[way],
    };
    await this.#begin(() => payInvoices(this.scope, order));
    return this.#attempts.length > before ? this.#attempts.at(-1) : undefined;
  }

  async #begin(work: () => Promise<{ readonly attemptId: string }>): Promise<void> {
    this.#again = work;
    this.#attempts.push((await work()).attemptId);
  }

  async #record(minor: number): Promise<void> {
    await recordMoney(this.#place.merchant, {
      customerId: this.scope.customerId,
      amount: money(minor, 'EUR'),
      date: todayIn(this.scope.clock, 'Europe/Berlin').toString(),
      method: 'wire_transfer',
      methodLabel: 'Bank transfer',
      towards: [],
    });
    this.#outside += minor;
  }

  async #refund(pick: number, percent: number): Promise<void> {
    const payment = picked(await this.#payments(), pick);
    if (!payment) return;
    const minor = Math.ceil((payment.amount_minor * percent) / 100);
    const order = { nonce: this.#nonce(), paymentId: payment.id, amount: money(minor, 'EUR') };
    await refundPayment(this.#place.merchant, order);
    if (payment.gateway === null) this.#outside -= minor;
  }

  async #voidPayment(pick: number): Promise<void> {
    const payment = picked(await this.#payments(), pick);
    if (!payment || payment.state === 'voided') return;
    await voidPayment(this.#place.merchant, payment.id);
    this.#outside -= payment.amount_minor;
  }

  async #plan(pick: number, count: number, approve: Way | undefined): Promise<void> {
    const { id } = picked(this.#invoices, pick)!;
    const { balance_minor: minor } = await this.scope.db
      .from('invoices')
      .select('balance_minor')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const first = todayIn(this.scope.clock, 'Europe/Berlin').add({ days: 1 }).toString();
    const schedule = scheduleOf(money(minor, 'EUR'), { first, every: 'day', count });
    const { hash } = await attachPlan(this.#place.merchant, id, schedule);
    if (approve === undefined) return;
    const methodId = await this.#keep(approve);
    await approvePlan(this.scope, { invoiceId: id, hash, methodId, ip: '192.0.2.1', userAgent: 'history' });
  }

  async #keep(way: Way): Promise<number | undefined> {
    const outcome = await addMethod(this.scope, { nonce: this.#nonce(), with: INSTRUMENTS[way] as never });
    return 'methodId' in outcome ? outcome.methodId : undefined;
  }

  async #webhook(pick: number, times: number): Promise<void> {
    const { house, merchant } = this.#place;
    const event = picked(this.#oldNews, pick);
    if (!event) return;
    const now = nowMs(house.clock);
    for (let i = 0; i < times; i++) {
      await receiveWebhook(merchant, 'test', {
        ...house.gateway.webhook(merchant.tenant.id, event, now),
        now,
      });
    }
  }

  /** What the gateway says just now of the newest attempts, kept for later. */
  async #noteNews(): Promise<void> {
    const { house } = this.#place;
    for (const attemptId of this.#attempts.slice(-2)) {
      const reply = await house.gateway.lookup(accountAt(this.scope), attemptId);
      if (!reply) continue;
      const id = `evt ${attemptId} ${reply.state}`;
      if (!this.#oldNews.some((news) => news.id === id))
        this.#oldNews.push({ id, about: 'attempt', attemptId, reply });
    }
  }

  #payments() {
    return this.scope.db
      .from('payments')
      .select(['id', 'amount_minor', 'gateway', 'state'])
      .orderBy('id')
      .execute();
  }

  #document() {
    const date = todayIn(this.scope.clock, 'Europe/Berlin').toString();
    return { customerId: this.scope.customerId, currency: 'EUR', date };
  }

  #nonce(): string {
    this.#count += 1;
    return `form-${this.scope.customerId}-${this.#count}-of-a-history`;
  }
}

function picked<Item>(items: readonly Item[], pick: number): Item | undefined {
  return items.length === 0 ? undefined : items[pick % items.length];
}
