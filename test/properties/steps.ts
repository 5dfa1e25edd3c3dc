import fc from 'fast-check';
import type { Instrument } from '#src/payments/taking/pay.ts';
import { cardSource } from '#test/support/house.ts';

/** How many invoices everybody in a history begins with. */
export const INVOICES = 3;

export const INSTRUMENTS = {
  works: cardSource(),
  declines: cardSource('4000000000000069'),
  asks: cardSource('4000002760003184'),
  clears: bank('DE89370400440532013000'),
  bounces: bank('DE62370400440532013001'),
} satisfies Readonly<Record<string, Instrument>>;
export type Way = keyof typeof INSTRUMENTS;

/** What the network loses on the way to the gateway or back. */
export type Loss = 'lose_answer' | 'lose_request';

/** Something that a customer, a merchant, a gateway or the time does. What is picked is one of what there is. */
export type Step =
  | {
      readonly do: 'pay';
      readonly invoices: number[];
      readonly percent: number;
      readonly with: Way;
      readonly lose: boolean;
    }
  | { readonly do: 'send again' | 'use credit' }
  | { readonly do: 'leave AutoPay'; readonly plans: 'keep' | 'stop' }
  | { readonly do: 'pay in advance'; readonly minor: number; readonly with: Way }
  | { readonly do: 'answer the bank'; readonly passed: boolean }
  | { readonly do: 'let days pass'; readonly days: number }
  | { readonly do: 'hear old news'; readonly pick: number }
  | { readonly do: 'get a webhook'; readonly pick: number; readonly times: number }
  | { readonly do: 'get a credit note' | 'record a transfer'; readonly minor: number }
  | { readonly do: 'adjust credit'; readonly minor: number }
  | { readonly do: 'refund'; readonly pick: number; readonly percent: number }
  | { readonly do: 'void a payment' | 'void an invoice'; readonly pick: number }
  | { readonly do: 'plan'; readonly pick: number; readonly count: number; readonly approve: Way | undefined }
  | { readonly do: 'cancel the plan'; readonly pick: number }
  | { readonly do: 'turn AutoPay on'; readonly with: Way }
  | { readonly do: 'be collected from'; readonly hours: number; readonly lose: Loss | undefined }
  | {
      readonly do: 'promise a transfer';
      readonly pick: number;
      readonly days: number;
      readonly instead: boolean;
    }
  | { readonly do: 'take a promise back'; readonly pick: number };

const way = fc.constantFrom(...(Object.keys(INSTRUMENTS) as Way[]));
const pick = fc.nat(20);
const minor = fc.integer({ min: 1, max: 50_000 });
const percent = fc.integer({ min: 1, max: 100 });

function step(name: Step['do'], fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Step> {
  return fc.record({ do: fc.constant(name), ...fields }) as unknown as fc.Arbitrary<Step>;
}

/** Any step; paying and the passing of time come more often. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: step('pay', {
      invoices: fc.uniqueArray(fc.nat(INVOICES - 1), { minLength: 1 }),
      percent,
      with: way,
      lose: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: step('let days pass', { days: fc.integer({ min: 0, max: 9 }) }) },
  { weight: 2, arbitrary: step('get a webhook', { pick, times: fc.integer({ min: 1, max: 3 }) }) },
  step('send again', {}),
  step('pay in advance', { minor, with: way }),
  step('answer the bank', { passed: fc.boolean() }),
  step('hear old news', { pick }),
  { weight: 2, arbitrary: step('get a credit note', { minor }) },
  step('record a transfer', { minor }),
  step('adjust credit', { minor: fc.integer({ min: -20_000, max: 20_000 }) }),
  { weight: 2, arbitrary: step('use credit', {}) },
  step('refund', { pick, percent }),
  step('void a payment', { pick }),
  step('void an invoice', { pick }),
  step('plan', { pick, count: fc.integer({ min: 1, max: 5 }), approve: fc.option(way, { nil: undefined }) }),
  step('cancel the plan', { pick }),
  step('turn AutoPay on', { with: way }),
  step('leave AutoPay', { plans: fc.constantFrom('keep', 'stop') }),
  {
    weight: 2,
    arbitrary: step('be collected from', {
      hours: fc.integer({ min: 0, max: 72 }),
      lose: fc.option(fc.constantFrom('lose_answer', 'lose_request'), { nil: undefined }),
    }),
  },
  step('promise a transfer', { pick, days: fc.integer({ min: 0, max: 9 }), instead: fc.boolean() }),
  step('take a promise back', { pick }),
);

function bank(iban: string): Instrument {
  return { kind: 'bank_account', account: { holder: 'Petra', holderType: 'company', iban } };
}
