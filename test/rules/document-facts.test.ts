import { describe, expect, test } from 'vitest';
import { creditNoteStatus } from '#src/documents/credit-notes.ts';
import { amountOf, type NewLine, type NewRate, totalsOf } from '#src/documents/document.ts';
import { partsOf } from '#src/documents/due.ts';
import { type EstimateFacts, estimateStatus, isOpenEstimate } from '#src/documents/estimate-status.ts';
import { type StatusFacts, statusOf } from '#src/documents/invoice-status.ts';
import { byDue, summaryOf } from '#src/documents/invoices.ts';
import { readMetadata } from '#src/documents/records.ts';
import { findNamed } from '#src/kernel/named.ts';
import { MOST_MINOR } from '#src/kernel/money.ts';

const TODAY = '2026-11-23';

describe('what an invoice is', () => {
  const open: StatusFacts = {
    state: 'issued',
    closed: 0,
    balance_minor: 500,
    pending_minor: 0,
    due_date: TODAY,
  };

  test.each<[string, Partial<StatusFacts>]>([
    ['open', {}],
    ['open', { due_date: null }],
    ['open', { due_date: '2026-11-24' }],
    ['past_due', { due_date: '2026-11-22' }],
    ['past_due', { due_date: '2026-11-22', pending_minor: 499 }],
    ['processing', { pending_minor: 500 }],
    ['processing', { pending_minor: 500, due_date: '2026-11-22' }],
    ['paid', { balance_minor: 0 }],
    ['paid', { balance_minor: 0, closed: 1, due_date: '2026-11-22' }],
    ['bad_debt', { closed: 1 }],
    ['bad_debt', { closed: 1, pending_minor: 500 }],
    ['draft', { state: 'draft', balance_minor: 0 }],
    ['voided', { state: 'voided', balance_minor: 0, closed: 1 }],
  ])('%s: %o', (status, facts) => {
    expect(statusOf({ ...open, ...facts }, TODAY, false)).toBe(status);
  });

  test.each<[string, Partial<StatusFacts>]>([
    ['payment_plan', {}],
    ['payment_plan', { due_date: '2026-11-22', pending_minor: 499 }],
    ['processing', { pending_minor: 500 }],
    ['paid', { balance_minor: 0 }],
    ['bad_debt', { closed: 1 }],
    ['voided', { state: 'voided', balance_minor: 0 }],
  ])('%s, with a plan that was agreed: %o', (status, facts) => {
    expect(statusOf({ ...open, ...facts }, TODAY, true)).toBe(status);
  });

  test('it is late from the day after its due date, and can be paid while nothing is on its way', () => {
    const row = {
      ...open,
      id: 7,
      client_id: 'c7',
      number: 'INV-0007',
      date: '2026-11-01',
      currency: 'EUR',
      total_minor: 900,
      purchase_order: null,
    };
    const seen = (facts: Partial<typeof row>) => {
      const { status, daysLate, payable } = summaryOf({ ...row, ...facts }, TODAY, undefined);
      return [status, daysLate, payable];
    };
    expect(seen({})).toEqual(['open', 0, true]);
    expect(seen({ due_date: '2026-11-20' })).toEqual(['past_due', 3, true]);
    expect(seen({ due_date: '2026-11-20', pending_minor: 1 })).toEqual(['past_due', 3, false]);
    expect(seen({ due_date: '2026-11-20', pending_minor: 500 })).toEqual(['processing', 0, false]);
    expect(seen({ due_date: '2026-11-20', balance_minor: 0 })).toEqual(['paid', 0, false]);
    expect(seen({ due_date: '2026-11-20', closed: 1 })).toEqual(['bad_debt', 0, false]);
    expect(summaryOf({ ...row, due_date: null, purchase_order: 'PO 1' }, TODAY, undefined)).toMatchObject({
      dueDate: undefined,
      purchaseOrder: 'PO 1',
    });
    expect(summaryOf(row, TODAY, undefined)).toMatchObject({ dueDate: TODAY, purchaseOrder: undefined });
  });

  test('money goes to the earliest due first; what has no due date is due on its own date, and the older one comes first', () => {
    const invoices = [
      { id: 1, date: '2026-11-05', dueDate: '2026-12-01' },
      { id: 2, date: '2026-11-20', dueDate: undefined },
      { id: 4, date: '2026-11-01', dueDate: '2026-11-20' },
      { id: 3, date: '2026-11-19', dueDate: undefined },
    ];
    expect(invoices.toSorted(byDue).map(({ id }) => id)).toEqual([3, 2, 4, 1]);
  });
});

describe('what an estimate is', () => {
  const sent: EstimateFacts = {
    state: 'issued',
    closed: 0,
    invoice_id: null,
    declined_at: null,
    expiration_date: null,
    viewed_at: null,
  };

  test.each<[string, boolean, Partial<EstimateFacts>]>([
    ['sent', true, {}],
    ['viewed', true, { viewed_at: 1 }],
    ['viewed', true, { viewed_at: 1, expiration_date: TODAY }],
    ['expired', false, { viewed_at: 1, expiration_date: '2026-11-22' }],
    ['approved', false, { closed: 1, expiration_date: '2026-11-22' }],
    ['declined', false, { closed: 1, declined_at: 5 }],
    ['declined', false, { declined_at: 5, expiration_date: '2026-11-22' }],
    ['invoiced', false, { closed: 1, invoice_id: 3, declined_at: 5 }],
    ['draft', false, { state: 'draft' }],
    ['voided', false, { state: 'voided', invoice_id: 3 }],
  ])('%s, to be answered: %s: %o', (status, isOpen, facts) => {
    const found = estimateStatus({ ...sent, ...facts }, TODAY);
    expect(found).toBe(status);
    expect(isOpenEstimate(found)).toBe(isOpen);
  });
});

test('a credit note is used up when nothing is left of it, whether closed or not', () => {
  expect(creditNoteStatus({ state: 'issued', closed: 0, balance_minor: 5 })).toBe('open');
  expect(creditNoteStatus({ state: 'issued', closed: 1, balance_minor: 5 })).toBe('closed');
  expect(creditNoteStatus({ state: 'issued', closed: 0, balance_minor: 0 })).toBe('paid');
  expect(creditNoteStatus({ state: 'issued', closed: 1, balance_minor: 0 })).toBe('paid');
  expect(creditNoteStatus({ state: 'draft', closed: 0, balance_minor: 0 })).toBe('draft');
  expect(creditNoteStatus({ state: 'voided', closed: 1, balance_minor: 0 })).toBe('voided');
});

describe('what falls due together', () => {
  const invoice = { dueDate: '2026-12-01', balanceMinor: 900, pendingMinor: 0 };
  const planned = {
    count: 3,
    open: [
      { position: 2, date: '2026-11-01', balance_minor: 300 },
      { position: 3, date: '2026-12-01', balance_minor: 600 },
    ],
  };

  test('an invoice falls due as a whole, less what is on its way', () => {
    expect(partsOf(invoice, undefined)).toEqual([{ dueDate: '2026-12-01', minor: 900 }]);
    expect(partsOf({ ...invoice, pendingMinor: 400 }, undefined)).toEqual([
      { dueDate: '2026-12-01', minor: 500 },
    ]);
    expect(partsOf({ ...invoice, pendingMinor: 900 }, undefined)).toEqual([]);
    expect(partsOf({ ...invoice, dueDate: null }, undefined)).toEqual([{ dueDate: null, minor: 900 }]);
  });

  test('one with a plan falls due by its instalments, and what is on its way pays the earliest', () => {
    const due = (pendingMinor: number) =>
      partsOf({ ...invoice, pendingMinor }, planned).map(({ minor }) => minor);
    expect(partsOf(invoice, planned)).toEqual([
      { position: 2, dueDate: '2026-11-01', minor: 300 },
      { position: 3, dueDate: '2026-12-01', minor: 600 },
    ]);
    expect([0, 100, 300, 301, 899, 900].map(due)).toEqual([[300, 600], [200, 600], [600], [599], [1], []]);
  });
});

describe('adding a document up', () => {
  test('lines, less discounts, plus charges, shipping, taxes and rounding; what belongs to a line is in it already', () => {
    const rates = [
      rate('discount', 100),
      rate('charge', 20),
      rate('shipping', 3),
      rate('tax', 400),
      rate('discount', 7_000, 0),
      rate('tax', 9_000, 1),
    ];
    expect(totalsOf([line(1_000), line(500)], rates, 'EUR', -2)).toEqual({
      subtotalMinor: 1_500,
      discountMinor: 100,
      chargeMinor: 23,
      taxMinor: 400,
      roundingMinor: -2,
      totalMinor: 1_821,
    });
    expect(totalsOf([], [], 'EUR')).toMatchObject({ roundingMinor: 0, totalMinor: 0 });
  });

  test('a document may come to nothing, and not to less', () => {
    expect(totalsOf([line(100)], [rate('discount', 100)], 'EUR').totalMinor).toBe(0);
    expect(() => totalsOf([line(100)], [rate('discount', 101)], 'EUR')).toThrow(
      expect.objectContaining({
        code: 'discount_too_large',
        details: { discount: '1.01 EUR', before: '1.00 EUR' },
      }),
    );
    const tooLarge = expect.objectContaining({ code: 'discount_too_large' });
    expect(() => totalsOf([line(0)], [rate('discount', 1)], 'EUR')).toThrow(tooLarge);
    const details = { total: '-0.01 EUR' };
    const below = expect.objectContaining({ code: 'total_below_zero', details });
    expect(() => totalsOf([line(100), line(-101)], [], 'EUR')).toThrow(below);
    expect(() => totalsOf([line(0)], [], 'EUR', -1)).toThrow(below);
    expect(() => totalsOf([line(-1)], [rate('discount', 5)], 'EUR')).toThrow(
      expect.objectContaining({ code: 'total_below_zero' }),
    );
  });

  test('nothing on the way to the total is larger than a document may be', () => {
    const most = [line(MOST_MINOR)];
    expect(totalsOf(most, [], 'EUR').totalMinor).toBe(MOST_MINOR);
    const tooLarge = expect.objectContaining({ code: 'amount_too_large' });
    expect(() => totalsOf([...most, line(1)], [rate('discount', 1)], 'EUR')).toThrow(tooLarge);
    expect(() =>
      totalsOf([line(1)], [rate('charge', MOST_MINOR + 1), rate('discount', MOST_MINOR)], 'EUR'),
    ).toThrow(tooLarge);
    expect(() => totalsOf([line(MOST_MINOR + 1), line(-1)], [], 'EUR')).toThrow(tooLarge);
  });

  test('a line’s amount is what it says, or unit cost × quantity, once where no quantity is said', () => {
    expect(amountOf({ name: 'Paper', unitCost: '2.50', amountMinor: 1 }, 'EUR')).toBe(1);
    expect(amountOf({ name: 'Paper', unitCost: '2.50', quantity: '3' }, 'EUR')).toBe(750);
    expect(amountOf({ name: 'Paper', unitCost: '2.50' }, 'EUR')).toBe(250);
    expect(amountOf({ name: 'Paper', unitCost: '2' }, 'JPY')).toBe(2);
  });
});

test('a record is meant by its number; only digits without a nought before them may be an id', async () => {
  expect(await asked(' INV-1 ')).toEqual([{ number: 'INV-1', id: -1 }]);
  expect(await asked('42')).toEqual([{ number: '42', id: 42 }]);
  expect(await asked('9'.repeat(15))).toEqual([{ number: '9'.repeat(15), id: 999_999_999_999_999 }]);
  for (const text of ['0', '042', '-1', '1.5', '4x', 'x4', '', '9'.repeat(16)])
    expect(await asked(text)).toEqual([{ number: text, id: -1 }]);
});

test('what a merchant keeps with a document is an object, or nothing is read', () => {
  expect(readMetadata('{"a":1}')).toEqual({ a: 1 });
  for (const text of ['[1]', '"a"', 'null', '7']) expect(readMetadata(text)).toEqual({});
});

/** The numbers and ids that a name is looked up by. */
async function asked(name: string): Promise<unknown[]> {
  const names: unknown[] = [];
  await findNamed(name, {
    exactly: (number, id) => {
      names.push({ number, id });
      return Promise.resolve([]);
    },
    anyCase: () => Promise.resolve([]),
  });
  return names;
}

function line(minor: number): NewLine {
  return { name: 'Paper', unitCost: '0', amountMinor: minor };
}

function rate(kind: NewRate['kind'], amountMinor: number, place?: number): NewRate {
  return { kind, name: kind, amountMinor, line: place };
}
