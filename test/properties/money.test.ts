import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { Refusal } from '#src/kernel/errors.ts';
import { money } from '#src/kernel/money.ts';
import { answerChallenge } from '#src/payments/charge.ts';
import type { GatewayReply } from '#src/payments/gateway.ts';
import { type Instrument, payInAdvance, payInvoices, preparePayment } from '#src/payments/pay.ts';
import { reconcile } from '#src/payments/reconcile.ts';
import { settle } from '#src/payments/settle.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '#src/scope.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import { cardSource, ENGINES, type House, openHouse } from '#test/support/house.ts';

/*
 * Random histories of money, told to a real house: whatever customers, gateways and clocks do, and in whatever order, what the gateway took is
 * what the books have. MONEY_HISTORIES sets how many (the full form: 100000); without it a few hundred run with the other tests.
 */
const HISTORIES = Number(process.env['MONEY_HISTORIES'] ?? 240);
const DAY_MS = 86_400_000;
const INVOICES = 3;

const instruments: Readonly<Record<string, Instrument>> = {
  works: cardSource(),
  declines: cardSource('4000000000000069'),
  asks: cardSource('4000002760003184'),
  clears: bank('DE89370400440532013000'),
  bounces: bank('DE62370400440532013001'),
};

type Step =
  | { do: 'pay'; invoices: number[]; percent: number; with: string; lose: boolean }
  | { do: 'again' }
  | { do: 'advance'; minor: number; with: string }
  | { do: 'answer'; passed: boolean }
  | { do: 'days'; days: number }
  | { do: 'old news'; pick: number };

const withWhat = fc.constantFrom(...Object.keys(instruments));
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pay' as const),
      invoices: fc.uniqueArray(fc.nat(INVOICES - 1), { minLength: 1 }),
      percent: fc.integer({ min: 1, max: 100 }),
      with: withWhat,
      lose: fc.boolean(),
    }),
  },
  fc.record({ do: fc.constant('again' as const) }),
  fc.record({
    do: fc.constant('advance' as const),
    minor: fc.integer({ min: 1, max: 50_000 }),
    with: withWhat,
  }),
  fc.record({ do: fc.constant('answer' as const), passed: fc.boolean() }),
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('days' as const), days: fc.integer({ min: 0, max: 4 }) }),
  },
  fc.record({ do: fc.constant('old news' as const), pick: fc.nat(20) }),
);

describe.each(ENGINES)('on %s', (engine) => {
  const histories = Math.ceil(HISTORIES * (engine === 'sqlite' ? 0.75 : 0.25));
  test(
    `after ${histories} random histories the books have exactly what the gateway took`,
    { timeout: 60_000 + histories * 400 },
    async () => {
      const { house, merchant, faults } = await aTenant(engine);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: INVOICES, maxLength: INVOICES }),
          fc.array(anyStep, { minLength: 1, maxLength: 8 }),
          async (amounts, steps) => {
            const person = await Person.meet(house, merchant, faults, amounts);
            for (const one of steps) await person.take(one);
            const { charged, paid, settled, unpaid } = await person.books();
            expect([paid, settled, unpaid]).toEqual([charged, charged, 0]);
          },
        ),
        { numRuns: histories, endOnFailure: true },
      );
      expect(broken(await checkDatabase(house.app.ports.store))).toEqual([]);
    },
  );
});

test('any order of the same news from a gateway ends in the same state', { timeout: 120_000 }, async () => {
  const { house, merchant, faults } = await aTenant('sqlite');
  const finals: GatewayReply[] = [
    { state: 'succeeded', gatewayPaymentId: '', methodLabel: 'Bank account ending 3000' },
    { state: 'declined', code: 'bank_debit_failed', message: 'returned' },
  ];
  await fc.assert(
    fc.asyncProperty(
      fc
        .constantFrom(...finals)
        .chain((final) => fc.tuple(fc.constant(final), fc.shuffledSubarray(newsOf(final), { minLength: 4 }))),
      async ([final, news]) => {
        const person = await Person.meet(house, merchant, faults, [5_000]);
        faults.next = 'lose_request';
        const attemptId = await person.pay([0], 100, 'clears');
        for (const one of news) {
          const told = 'gatewayPaymentId' in one ? { ...one, gatewayPaymentId: `test_${attemptId}` } : one;
          await settle(person.scope, attemptId!, told);
        }
        const [invoice] = await person.invoices();
        expect(invoice).toMatchObject({
          pending_minor: 0,
          balance_minor: final.state === 'succeeded' ? 0 : 5_000,
        });
      },
    ),
    { numRuns: 60 },
  );
  expect(broken(await checkDatabase(house.app.ports.store))).toEqual([]);
});

/** What a gateway may say of a debit, each twice. */
function newsOf(final: GatewayReply): GatewayReply[] {
  const under = { gatewayPaymentId: '', methodLabel: 'Bank account ending 3000' };
  return [{ state: 'processing', ...under }, { state: 'processing', ...under }, final, final];
}

/** One customer in a history, with what happened to them so far. */
class Person {
  readonly scope: CustomerScope;
  readonly #house: House;
  readonly #merchant: MerchantScope;
  readonly #faults: Faults;
  readonly #clientIds: readonly string[];
  readonly #attempts: string[] = [];
  #again: (() => Promise<unknown>) | undefined;
  #forms = 0;

  private constructor(
    house: House,
    merchant: MerchantScope,
    faults: Faults,
    customerId: number,
    clientIds: readonly string[],
  ) {
    this.#house = house;
    this.#merchant = merchant;
    this.#faults = faults;
    this.#clientIds = clientIds;
    this.scope = customerScope(merchant, customerId);
  }

  static async meet(
    house: House,
    merchant: MerchantScope,
    faults: Faults,
    amounts: readonly number[],
  ): Promise<Person> {
    const { id } = await createCustomer(merchant, { name: 'Petra' });
    const clientIds: string[] = [];
    for (const amountMinor of amounts) {
      const lines = [{ name: 'Paper', unitCost: '0', amountMinor }];
      const invoice = { customerId: id, currency: 'EUR', date: '2026-11-10', lines };
      clientIds.push((await issueInvoice(merchant, invoice)).clientId);
    }
    return new Person(house, merchant, faults, id, clientIds);
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'pay':
        if (step.lose) this.#faults.next = 'lose_answer';
        await this.pay(step.invoices, step.percent, step.with);
        break;
      case 'again':
        await unlessRefused(async () => this.#again?.());
        break;
      case 'advance': {
        const order = {
          nonce: this.#nonce(),
          amount: money(step.minor, 'EUR'),
          with: instruments[step.with]!,
        };
        await this.#do(() => payInAdvance(this.scope, order));
        break;
      }
      case 'answer': {
        const last = this.#attempts.at(-1);
        if (last) await answerChallenge(this.scope, last, step.passed);
        break;
      }
      case 'days':
        this.#house.clock.move(step.days * DAY_MS);
        await reconcile(this.#merchant);
        break;
      case 'old news': {
        const attemptId = this.#attempts[step.pick % Math.max(1, this.#attempts.length)];
        const news =
          attemptId && (await this.#house.gateway.lookup({ tenantId: this.#merchant.tenant.id }, attemptId));
        if (attemptId && news) await settle(this.scope, attemptId, news);
      }
    }
    this.#faults.next = undefined;
  }

  /** Pays so many percent of what is left of the invoices; answers the attempt's id when one was made. */
  async pay(which: readonly number[], percent: number, instrument: string): Promise<string | undefined> {
    const before = this.#attempts.length;
    await unlessRefused(async () => {
      const { invoices } = await preparePayment(
        this.scope,
        which.map((i) => this.#clientIds[i]!),
      );
      const order = {
        nonce: this.#nonce(),
        seen: new Map(invoices.map(({ clientId, left }) => [clientId, left.minor])),
        parts: new Map(
          invoices.map(({ clientId, left }) => [clientId, Math.ceil((left.minor * percent) / 100)]),
        ),
        with: instruments[instrument]!,
      };
      await this.#do(() => payInvoices(this.scope, order));
    });
    return this.#attempts.length > before ? this.#attempts.at(-1) : undefined;
  }

  invoices() {
    return this.scope.db
      .from('invoices')
      .select(['total_minor', 'balance_minor', 'pending_minor'])
      .orderBy('id')
      .execute();
  }

  /** What the gateway took of this customer, and what the books say: three figures that must be one. */
  async books(): Promise<{ charged: number; paid: number; settled: number; unpaid: number }> {
    const attempts = await this.scope.db.from('payment_attempts').select(['id', 'state']).execute();
    const succeeded = new Set(attempts.filter(({ state }) => state === 'succeeded').map(({ id }) => id));
    const book = this.#house.gateway.book();
    // What the gateway took while its answer was lost is not known here yet.
    const charged = sumOf(book.filter((line) => succeeded.has(line.attemptId) && line.state === 'succeeded'));
    const payments = await this.scope.db
      .from('payments')
      .select(['amount_minor as minor', 'attempt_id'])
      .execute();
    const invoices = await this.invoices();
    const credit = await this.scope.db
      .from('postings')
      .select('amount_minor as minor')
      .where('account', '=', 'credit_balance')
      .execute();
    return {
      charged,
      paid: sumOf(payments),
      settled: sumOf(invoices.map((row) => ({ minor: row.total_minor - row.balance_minor }))) - sumOf(credit),
      unpaid: succeeded.size - payments.length,
    };
  }

  async #do(work: () => Promise<{ readonly attemptId: string }>): Promise<void> {
    this.#again = work;
    await unlessRefused(async () => this.#attempts.push((await work()).attemptId));
  }

  #nonce(): string {
    this.#forms += 1;
    return `form ${this.scope.customerId}.${this.#forms}`;
  }
}

function sumOf(parts: ReadonlyArray<{ readonly minor: number }>): number {
  return parts.reduce((sum, { minor }) => sum + minor, 0);
}

interface Faults {
  next: 'lose_answer' | 'lose_request' | undefined;
}

async function aTenant(engine: (typeof ENGINES)[number]) {
  const faults: Faults = { next: undefined };
  const house = await openHouse(engine, { fault: () => faults.next });
  const merchant = await house.tenant();
  for (const name of ['payments.partial', 'payments.advance']) await setSetting(merchant, name, 'on');
  return { house, merchant: await openMerchant(house.app.operator(), merchant.tenant), faults };
}

/** Refusals are answers too; anything else thrown is a bug. */
async function unlessRefused(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

function bank(iban: string): Instrument {
  return { kind: 'bank_account', account: { holder: 'Petra', holderType: 'company', iban } };
}

function broken(results: Awaited<ReturnType<typeof checkDatabase>>): unknown[] {
  return results.filter(({ violations }) => violations.length > 0);
}
