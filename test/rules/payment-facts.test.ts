import { describe, expect, test } from 'vitest';
import type { InvoiceSummary } from '#src/documents/invoices.ts';
import { money, MOST_MINOR } from '#src/kernel/money.ts';
import { FIRST_LOOK_MS, LONGEST_PAUSE_MS, pauseAfter } from '#src/payments/attempts/looks.ts';
import { isCollected, readSlot, slotName } from '#src/payments/attempts/slot.ts';
import { chargeOn, methodOfSource, nameInIntent, traceOf } from '#src/payments/attempts/terms.ts';
import { cleanIban, countryOfAccount, hasValidIban, hasValidRouting } from '#src/payments/gateways/bank.ts';
import { cardBrand, cardLabel, fieldOfDecline, hasValidCheckDigit } from '#src/payments/gateways/card.ts';
import type { Source } from '#src/payments/gateways/gateway.ts';
import { mistypedIn } from '#src/payments/gateways/mistyped.ts';
import {
  behaviourOfAccount,
  behaviourOfCard,
  TEST_ACCOUNT_HINTS,
  TEST_CARD_HINTS,
} from '#src/payments/gateways/test-cards.ts';
import {
  MOST_INSTALLMENTS,
  scheduleHash,
  scheduleOf,
  type Spacing,
} from '#src/payments/plans/plan-schedule.ts';
import { paymentStatus } from '#src/payments/receipts/payment-status.ts';
import { sumOf } from '#src/payments/returning/refundable.ts';
import { assertAmount, leftToPay } from '#src/payments/taking/parts.ts';
import { cardSource } from '#test/support/house.ts';

const EUR = (minor: number) => money(minor, 'EUR');
const holder = { holder: 'Petra Müller', holderType: 'company' } as const;
const account = (details: object): Source => ({ kind: 'bank_account', account: { ...holder, ...details } });

describe('tries', () => {
  test('a slot has a name, and is told from it', () => {
    for (const slot of [
      { kind: 'autopay', id: 7, attempt: 1 },
      { kind: 'installment', id: 12, attempt: 3 },
    ] as const)
      expect(readSlot(slotName(slot))).toEqual(slot);
    expect(slotName({ kind: 'autopay', id: 7, attempt: 1 })).toBe('autopay:7:1');
    for (const name of [
      'xautopay:7:1',
      'autopay:7:1x',
      'autopay:7',
      `autopay:${'9'.repeat(17)}:1`,
      'portal:7:1',
      '',
    ])
      expect(readSlot(name), name).toBeUndefined();
    expect(['autopay', 'installment', 'portal'].map((source) => isCollected({ source }))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('what is not answered is asked about after a minute, then half as often each time, and every hour in the end', () => {
    expect([FIRST_LOOK_MS, LONGEST_PAUSE_MS]).toEqual([60_000, 3_600_000]);
    expect([0, 1, 2, 5, 6, 7, 40].map((looks) => pauseAfter(looks) / 60_000)).toEqual([
      1, 2, 4, 32, 60, 60, 60,
    ]);
  });
});

describe('what somebody pays with', () => {
  test('an account with an IBAN is debited by SEPA, one with a routing number by ACH; of kept ones the currency tells', () => {
    expect(methodOfSource(account({ iban: 'DE75512108001245126199' }), 'USD')).toBe('direct_debit');
    expect(methodOfSource(account({ routing: '110000000', account: '123456789' }), 'EUR')).toBe('ach');
    expect(methodOfSource(cardSource(), 'EUR')).toBe('credit_card');
    const kept = { kind: 'saved', gatewayId: 'x' } as const;
    expect(methodOfSource({ ...kept, method: 'card' }, 'USD')).toBe('credit_card');
    expect(methodOfSource({ ...kept, method: 'bank_account' }, 'USD')).toBe('ach');
    expect(methodOfSource({ ...kept, method: 'bank_account' }, 'EUR')).toBe('direct_debit');
    expect(methodOfSource({ kind: 'token', token: 't', method: 'bank_account' }, 'USD')).toBe('ach');
  });

  test('an intent names its method before the first colon', () => {
    expect(nameInIntent({ method: 'ach:6789' })).toBe('ach');
    expect(nameInIntent({ method: 'direct_debit:6199' })).toBe('direct_debit');
    expect(nameInIntent({ method: 'credit_card:4242:12/2030' })).toBe('credit_card');
    expect(nameInIntent({ method: 'something older' })).toBe('credit_card');
  });

  test('its trace tells two instruments apart and says nothing secret', () => {
    expect(traceOf(cardSource())).toBe('4242:12/2030');
    expect(traceOf(account({ iban: 'DE75512108001245126199' }))).toBe('6199');
    expect(traceOf(account({ routing: '110000000', account: '123456789' }))).toBe('6789');
    expect(traceOf(account({}))).toBe('');
    expect(traceOf({ kind: 'token', token: 'tok_1', method: 'card' })).toBe('tok_1');
    expect(traceOf({ kind: 'saved', gatewayId: 'pm_1', method: 'card' })).toBe('pm_1');
  });

  test('a fee comes on top, and what is charged beyond because only steps are possible is the customer’s credit', () => {
    const card = { feePercent: '2.9', step: 1 };
    expect(chargeOn(card, EUR(12_345))).toEqual({ fee: EUR(358), credit: EUR(0), total: EUR(12_703) });
    expect(chargeOn({ ...card, step: 5 }, EUR(12_345))).toEqual({
      fee: EUR(358),
      credit: EUR(2),
      total: EUR(12_705),
    });
    const free = { feePercent: undefined, step: 10 };
    expect(chargeOn(free, EUR(200))).toEqual({ fee: EUR(0), credit: EUR(0), total: EUR(200) });
    expect(chargeOn(free, EUR(201))).toEqual({ fee: EUR(0), credit: EUR(9), total: EUR(210) });
  });

  test.each([
    ['4242424242424242', 'Visa'],
    ['5100000000000008', 'Mastercard'],
    ['5599999999999999', 'Mastercard'],
    ['2221000000000009', 'Mastercard'],
    ['2720990000000007', 'Mastercard'],
    ['2220990000000000', 'Card'],
    ['2721000000000000', 'Card'],
    ['5600000000000000', 'Card'],
    ['341111111111111', 'American Express'],
    ['378282246310005', 'American Express'],
    ['6011111111111117', 'Discover'],
    ['6440000000000000', 'Discover'],
    ['6500000000000002', 'Discover'],
    ['30569309025904', 'Diners Club'],
    ['36148900647913', 'Diners Club'],
    ['3530111333300000', 'JCB'],
    ['6200000000000005', 'UnionPay'],
    ['9999999999999999', 'Card'],
    ['1454242424242424', 'Card'],
  ])('%s is a %s', (number, brand) => {
    expect(cardBrand(number)).toBe(brand);
    expect(cardLabel(number)).toBe(`${brand} ending ${number.slice(-4)}`);
  });

  test('a reason to decline stands beside the field that it is about', () => {
    expect(fieldOfDecline('card_number_invalid')).toBe('number');
    expect(fieldOfDecline('card_expired')).toBe('expYear');
    expect(fieldOfDecline('card_cvc_wrong')).toBe('cvc');
    expect(fieldOfDecline('card_declined')).toBeUndefined();
  });
});

describe('typing mistakes', () => {
  test('one wrong digit, or two that changed places, fail the check digits', () => {
    expect(hasValidCheckDigit('4242424242424242')).toBe(true);
    expect(hasValidCheckDigit('378282246310005')).toBe(true);
    expect(hasValidCheckDigit('4242424242424241')).toBe(false);
    expect(hasValidCheckDigit('2442424242424242')).toBe(false);
    expect(hasValidRouting('110000000')).toBe(true);
    expect(hasValidRouting('123123123')).toBe(true);
    expect(hasValidRouting('213123123')).toBe(false);
    for (const routing of ['11000000', '1100000000', 'x110000000', '110000000x', ''])
      expect(hasValidRouting(routing), routing).toBe(false);
    for (const iban of [
      'DE75512108001245126199',
      'de75 5121 0800 1245 1261 99',
      'GB82-WEST-1234-5698-7654-32',
      'NO9386011117947',
    ])
      expect(hasValidIban(iban), iban).toBe(true);
    for (const iban of [
      'DE75512108001245126198',
      'DE57512108001245126199',
      'XDE75512108001245126199',
      'DE75',
      '75512108001245126199',
      '',
    ])
      expect(hasValidIban(iban), iban).toBe(false);
    expect(hasValidIban('NO938601111794')).toBe(false);
  });

  test('they are told before any gateway is asked, of cards and accounts alike', () => {
    expect(mistypedIn(cardSource())).toBeUndefined();
    expect(mistypedIn(cardSource('4242424242424241'))).toMatchObject({ code: 'card_number_invalid' });
    const wrong = { code: 'bank_account_invalid' };
    expect(mistypedIn(account({ iban: 'DE75512108001245126199' }))).toBeUndefined();
    expect(mistypedIn(account({ iban: 'DE75512108001245126198' }))).toMatchObject(wrong);
    const american = (routing?: string, number?: string) => mistypedIn(account({ routing, account: number }));
    expect(american('110000000', '1234')).toBeUndefined();
    expect(american('110000000', '1'.repeat(17))).toBeUndefined();
    for (const [routing, number] of [
      ['110000001', '1234'],
      ['110000000', '123'],
      ['110000000', '1'.repeat(18)],
      ['110000000', 'x1234'],
      ['110000000', undefined],
      [undefined, '1234'],
    ])
      expect(american(routing, number)).toMatchObject(wrong);
    expect(mistypedIn({ kind: 'token', token: 'x', method: 'card' })).toBeUndefined();
  });

  test('an IBAN says where its account is; a routing number is American', () => {
    expect(cleanIban(' de75-5121 0800 ')).toBe('DE7551210800');
    expect(countryOfAccount({ ...holder, iban: 'fr76 3000' })).toBe('FR');
    expect(countryOfAccount({ ...holder, routing: '110000000' })).toBe('US');
  });
});

test('the documented numbers do what is documented, and every other one works', () => {
  expect(behaviourOfCard('4242424242424242')).toEqual({ does: 'works' });
  for (const [number, does, code] of [
    ['4000000000000069', 'declines', 'card_declined'],
    ['4000000000000127', 'refuses', 'card_cvc_wrong'],
    ['4000000000009995', 'declines', 'insufficient_funds'],
    ['4000000000000101', 'refuses', 'card_expired'],
    ['4000002760003184', 'challenge', undefined],
    ['4000000000000077', 'clears', undefined],
  ] as const) {
    expect(behaviourOfCard(number)).toMatchObject(code === undefined ? { does } : { does, code });
    expect(hasValidCheckDigit(number), number).toBe(true);
  }
  for (const [number, does] of [
    ['123123456', 'declines'],
    ['123123893', 'clears'],
    ['000222222227', 'bounces'],
    ['000111111116', 'refuses'],
    ['123456789', 'works'],
  ] as const)
    expect(behaviourOfAccount({ ...holder, account: number }).does, number).toBe(does);
  expect(behaviourOfAccount({ ...holder, iban: 'de89 3704 0044 0532 0130 00' }).does).toBe('clears');
  expect(behaviourOfAccount({ ...holder, iban: 'DE62370400440532013001' }).does).toBe('bounces');
  expect(behaviourOfAccount(holder).does).toBe('works');
  expect(TEST_CARD_HINTS.map(({ number }) => number)).toEqual([
    '4242 4242 4242 4242',
    '4000 0000 0000 0069',
    '4000 0027 6000 3184',
  ]);
  const [routing, ...accounts] = TEST_ACCOUNT_HINTS.ach;
  expect(hasValidRouting(routing.number)).toBe(true);
  expect(accounts.map(({ number }) => behaviourOfAccount({ ...holder, account: number }).does)).toEqual([
    'works',
    'clears',
  ]);
  const ibans = TEST_ACCOUNT_HINTS.direct_debit.map(({ number }) => number);
  expect(ibans.every(hasValidIban)).toBe(true);
  expect(ibans.map((iban) => behaviourOfAccount({ ...holder, iban }).does)).toEqual([
    'works',
    'clears',
    'bounces',
  ]);
});

describe('amounts', () => {
  test('an amount to pay is a whole number of minor units, above nothing and no more than is possible', () => {
    for (const minor of [1, 100, MOST_MINOR]) expect(() => assertAmount(minor)).not.toThrow();
    for (const minor of [0, -1, 0.5, Number.NaN, MOST_MINOR + 1])
      expect(() => assertAmount(minor)).toThrow(
        expect.objectContaining({ code: 'bad_amount', details: { value: String(minor) } }),
      );
  });

  test('what is left to pay of an invoice is what is open and not on its way', () => {
    expect(leftToPay({ balance: EUR(500), pending: EUR(120) } as InvoiceSummary)).toEqual(EUR(380));
    expect(sumOf([{ amount_minor: 5 }, { amount_minor: 7 }])).toBe(12);
    expect(sumOf([])).toBe(0);
  });

  test('of all that happened to a payment, what matters most is told', () => {
    const payment = {
      state: 'succeeded',
      disputed: 0,
      refunded_minor: 0,
      amount_minor: 100,
      fee_minor: 3,
    } as const;
    expect(paymentStatus(payment)).toBe('paid');
    expect(paymentStatus({ ...payment, refunded_minor: 1 })).toBe('part_refunded');
    expect(paymentStatus({ ...payment, refunded_minor: 102 })).toBe('part_refunded');
    expect(paymentStatus({ ...payment, refunded_minor: 103 })).toBe('refunded');
    expect(paymentStatus({ ...payment, refunded_minor: 103, disputed: 1 })).toBe('disputed');
    expect(paymentStatus({ ...payment, state: 'voided', disputed: 1 })).toBe('voided');
  });
});

describe('instalments', () => {
  test('by a count they differ by a minor unit at most, the larger first; by an amount the last is the rest', () => {
    expect(minors(100, { count: 3 })).toEqual([34, 33, 33]);
    expect(minors(100, { count: 1 })).toEqual([100]);
    expect(minors(3, { count: 3 })).toEqual([1, 1, 1]);
    expect(minors(100, { minor: 40 })).toEqual([40, 40, 20]);
    expect(minors(80, { minor: 40 })).toEqual([40, 40]);
    expect(minors(30, { minor: 40 })).toEqual([30]);
  });

  test('a plan has 120 of them at most, and one at least', () => {
    expect(MOST_INSTALLMENTS).toBe(120);
    expect(minors(1_000, { count: 120 })).toHaveLength(120);
    expect(minors(1_200, { minor: 10 })).toHaveLength(120);
    for (const count of [0, -1, 1.5, 121])
      expect(() => minors(1_000, { count })).toThrow(
        expect.objectContaining({ code: 'bad_input', details: { count: 'must be from 1 to 120' } }),
      );
    expect(() => minors(3, { count: 4 })).toThrow(
      expect.objectContaining({ code: 'bad_input', details: { count: 'must be from 1 to 3' } }),
    );
    expect(() => minors(1_201, { minor: 10 })).toThrow(expect.objectContaining({ code: 'bad_input' }));
    for (const minor of [0, -10, 0.5])
      expect(() => minors(100, { minor })).toThrow(expect.objectContaining({ code: 'bad_amount' }));
  });

  test('they are a day, a week, a month or a year apart; the thirty-first becomes the last day of shorter months', () => {
    expect(dates('day')).toEqual(['2026-01-31', '2026-02-01', '2026-02-02']);
    expect(dates('week')).toEqual(['2026-01-31', '2026-02-07', '2026-02-14']);
    expect(dates('month')).toEqual(['2026-01-31', '2026-02-28', '2026-03-31']);
    expect(dates('year')).toEqual(['2026-01-31', '2027-01-31', '2028-01-31']);
  });

  test('what was agreed to is another thing with any other date, amount or currency', () => {
    const agreed = [
      { date: '2026-01-31', minor: 50 },
      { date: '2026-02-28', minor: 50 },
    ];
    const hash = scheduleHash('EUR', agreed);
    expect(scheduleHash('EUR', [...agreed])).toBe(hash);
    const others = [
      scheduleHash('USD', agreed),
      scheduleHash('EUR', agreed.slice(1)),
      scheduleHash('EUR', [{ ...agreed[0]!, minor: 51 }, agreed[1]!]),
      scheduleHash('EUR', [{ ...agreed[0]!, date: '2026-01-30' }, agreed[1]!]),
      scheduleHash('EUR', agreed.toReversed()),
    ];
    expect(new Set([hash, ...others]).size).toBe(6);
  });
});

/** The amounts of a schedule. */
function minors(total: number, wish: { count: number } | { minor: number }): number[] {
  return scheduleOf(EUR(total), { first: '2026-01-31', every: 'month', ...wish }).map(({ minor }) => minor);
}

/** The days of three instalments from the thirty-first of January on. */
function dates(every: Spacing): string[] {
  return scheduleOf(EUR(3), { first: '2026-01-31', every, count: 3 }).map(({ date }) => date);
}
