import { describe, expect, test } from 'vitest';
import { findCreditNote } from '#src/documents/credit-notes.ts';
import { linesOf, markSeen, trailOf } from '#src/documents/content.ts';
import { approve } from '#src/documents/estimate-approval.ts';
import { invoiceFromEstimate } from '#src/documents/estimate-invoice.ts';
import { findEstimate } from '#src/documents/estimates.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { invoicesByClientId } from '#src/documents/invoices.ts';
import { issueCreditNote, issueEstimate, issueInvoice, issueInvoices } from '#src/documents/issue.ts';
import { everyEstimate, findMerchantEstimate } from '#src/documents/merchant-estimates.ts';
import { everyInvoice, findMerchantInvoice } from '#src/documents/merchant-invoices.ts';
import { money } from '#src/kernel/money.ts';
import { voidInvoice } from '#src/documents/voids.ts';
import type { MerchantScope } from '#src/scope.ts';
import { customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { refusedWithoutTrace } from '#test/support/money.ts';

/** Everything that a document can say. */
const WHOLE = {
  name: 'Autumn order',
  currency: 'EUR',
  date: '2026-11-10',
  purchaseOrder: 'PO 77',
  buyerReference: 'Desk 4',
  paymentTerms: 'Net 14',
  notes: 'Thank you.',
  roundingMinor: 2,
  references: { contract: 'C-9' },
  source: 'ubl',
  sourceHash: 'abc',
  lines: [
    {
      name: 'Paper',
      description: 'A4, recycled',
      quantity: '3',
      unit: 'box',
      unitCost: '2.5025',
      baseQuantity: '1',
      itemCode: 'P-4',
      taxCategory: 'S',
      taxPercent: '19',
      periodStart: '2026-10-01',
      periodEnd: '2026-10-31',
    },
    { name: 'Delivery', unitCost: '4' },
  ],
  rates: [
    {
      kind: 'discount',
      name: 'Loyalty',
      percent: '10',
      baseMinor: 1_151,
      amountMinor: 115,
      category: 'S',
      reasonCode: '95',
    },
    { kind: 'tax', name: 'VAT', percent: '19', amountMinor: 197, exemptionReason: 'none' },
    { kind: 'charge', name: 'Packing', amountMinor: 30, line: 1 },
  ],
} as const;
/** What its customer is shown of it. */
const SHOWN = {
  name: 'Autumn order',
  currency: 'EUR',
  date: '2026-11-10',
  purchaseOrder: 'PO 77',
  buyerReference: 'Desk 4',
  notes: 'Thank you.',
  subtotal: money(1_151, 'EUR'),
  rounding: money(2, 'EUR'),
  total: money(1_235, 'EUR'),
  lines: [
    {
      name: 'Paper',
      description: 'A4, recycled',
      quantity: '3',
      unit: 'box',
      unitCost: '2.5025',
      amount: money(751, 'EUR'),
      taxPercent: '19',
    },
    {
      name: 'Delivery',
      description: undefined,
      quantity: '1',
      unit: undefined,
      unitCost: '4',
      amount: money(400, 'EUR'),
      taxPercent: undefined,
    },
  ],
  rates: [
    { kind: 'discount', name: 'Loyalty', percent: '10', amount: money(115, 'EUR') },
    { kind: 'tax', name: 'VAT', percent: '19', amount: money(197, 'EUR') },
  ],
};
/** What its merchant is shown of its parts. */
const RECORDED = {
  lines: [
    { itemCode: 'P-4', name: 'Paper', description: 'A4, recycled', quantity: '3', unitCost: '2.5025' },
    { itemCode: undefined, name: 'Delivery', description: undefined },
  ],
  rates: [
    { kind: 'discount', name: 'Loyalty', amount: money(115, 'EUR') },
    { kind: 'tax', name: 'VAT', amount: money(197, 'EUR') },
  ],
};

describe.each(ENGINES)('documents on %s', (engine) => {
  test('an invoice says everything that it was issued with, to its customer and to its merchant', async () => {
    const { house, merchant, scope, customerId } = await aHouse(engine);
    const paymentMeans = { iban: 'DE75512108001245126199' };
    const terms = {
      dueDate: '2026-11-24',
      paymentMeans,
      autopay: true,
      disabledMethods: ['credit_card'],
    } as const;
    const { id, clientId } = await issueInvoice(merchant, { ...WHOLE, ...terms, customerId, number: 'A-1' });
    const now = house.clock.now().epochMilliseconds;
    expect(await findInvoice(scope, clientId)).toMatchObject({
      ...SHOWN,
      id,
      number: 'A-1',
      dueDate: '2026-11-24',
      paymentTerms: 'Net 14',
      paymentMeans,
      balance: money(1_235, 'EUR'),
      pending: money(0, 'EUR'),
      settled: money(0, 'EUR'),
      createdAt: now,
    });
    expect(await findMerchantInvoice(merchant, 'A-1')).toMatchObject({
      ...RECORDED,
      id,
      name: 'Autumn order',
      dueDate: '2026-11-24',
      isAutopay: true,
      disabledMethods: ['credit_card'],
      paymentTerms: 'Net 14',
      attemptCount: 0,
      sentAt: now,
      viewedAt: undefined,
      nextAttemptAt: undefined,
      isClosed: false,
      customerName: 'Müller & Söhne GmbH',
    });
    const row = await merchant.db.from('invoices').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      source: 'ubl',
      source_hash: 'abc',
      document_references: '{"contract":"C-9"}',
      discount_minor: 115,
      charge_minor: 0,
      tax_minor: 197,
      paid_at: null,
      updated_at: now,
    });
  });

  test('an invoice that says little is one too: made by hand, due at once, and paid where it comes to nothing', async () => {
    const { house, merchant, scope, customerId } = await aHouse(engine);
    const { clientId } = await issueInvoice(merchant, {
      customerId,
      currency: 'EUR',
      date: '2026-11-10',
      lines: [{ name: 'Sample', unitCost: '0' }],
    });
    const invoice = await findInvoice(scope, clientId);
    expect(invoice).toMatchObject({ status: 'paid', dueDate: undefined, name: undefined, notes: undefined });
    expect(invoice).toMatchObject({
      paymentTerms: undefined,
      buyerReference: undefined,
      paymentMeans: undefined,
    });
    const [row] = await merchant.db.from('invoices').selectAll().execute();
    expect(row).toMatchObject({
      source: 'manual',
      document_references: null,
      payment_means: null,
      autopay: 0,
      paid_at: house.clock.now().epochMilliseconds,
    });
  });

  test('an estimate says everything that it was issued with, and the invoice that it becomes says the same', async () => {
    const { merchant, scope, customerId } = await aHouse(engine);
    const terms = {
      expirationDate: '2026-12-24',
      deposit: { percent: '10' },
      disabledMethods: ['ach'],
    } as const;
    const { id, clientId } = await issueEstimate(merchant, { ...WHOLE, ...terms, customerId });
    expect(await findEstimate(scope, clientId)).toMatchObject({
      ...SHOWN,
      expires: '2026-12-24',
      paymentTerms: 'Net 14',
      deposit: money(124, 'EUR'),
    });
    expect(await findMerchantEstimate(merchant, String(id))).toMatchObject({
      ...RECORDED,
      expirationDate: '2026-12-24',
      disabledMethods: ['ach'],
      paymentTerms: 'Net 14',
      deposit: money(124, 'EUR'),
      depositPaid: money(0, 'EUR'),
      invoiceId: undefined,
      approval: undefined,
      declineReason: undefined,
    });
    await merchant.db.update('estimates').set({ deposit_minor: 0 }).where('id', '=', id).execute();
    await approve(scope, { estimateId: id, initials: 'PM', ip: '127.0.0.1', userAgent: 'tests' });
    const issued = await invoiceFromEstimate(merchant, id, { number: 'B-1', dueDate: '2026-12-01' });
    const invoice = await findInvoice(scope, issued.clientId);
    expect(invoice).toMatchObject({
      ...SHOWN,
      date: '2026-11-23',
      dueDate: '2026-12-01',
      paymentTerms: 'Net 14',
    });
    expect(await findMerchantInvoice(merchant, 'B-1')).toMatchObject({ disabledMethods: ['ach'] });
    expect(await partsIn(merchant, 'invoice_id', issued.id)).toEqual(
      await partsIn(merchant, 'estimate_id', id),
    );
    expect((await findEstimate(scope, clientId)).invoice).toEqual({
      clientId: issued.clientId,
      number: 'B-1',
    });
    const copied = await merchant.db
      .from('invoices')
      .selectAll()
      .where('id', '=', issued.id)
      .executeTakeFirst();
    expect(copied).toMatchObject({
      document_references: '{"contract":"C-9"}',
      rounding_minor: 2,
      estimate_id: id,
    });
  });

  test('an estimate is invoiced once, and only when it was approved; the invoice is of that day', async () => {
    const { house, merchant, scope, customerId } = await aHouse(engine);
    const order = {
      customerId,
      currency: 'EUR',
      date: '2026-11-10',
      lines: [{ name: 'Paper', unitCost: '4' }],
    };
    const { id, number } = await issueEstimate(merchant, order);
    const refused = (reason: string) =>
      expect(invoiceFromEstimate(merchant, id)).rejects.toMatchObject({
        code: 'estimate_not_invoiceable',
        details: { number, reason },
      });
    await refused('is sent, not approved');
    await approve(scope, { estimateId: id, initials: 'PM', ip: '127.0.0.1', userAgent: 'tests' });
    house.clock.move(14 * 3_600_000);
    const issued = await invoiceFromEstimate(merchant, id);
    const invoice = await findInvoice(scope, issued.clientId);
    expect(invoice).toMatchObject({ date: '2026-11-24', dueDate: undefined, number: 'INV-0001' });
    await refused('was invoiced already');
    await refusedWithoutTrace(house, merchant, 'not_found', () => invoiceFromEstimate(merchant, id + 1));
    const [told] = await trailOf(scope, 'estimate_id', id);
    expect(told).toMatchObject({ type: 'estimate.invoiced', data: { number, invoice: 'INV-0001' } });
  });

  test('a deposit is of nothing at least and of the whole at most, whether as an amount or in percent', async () => {
    const { house, merchant, customerId } = await aHouse(engine);
    const order = {
      customerId,
      currency: 'EUR',
      date: '2026-11-10',
      lines: [{ name: 'Paper', unitCost: '4' }],
    };
    for (const [deposit, minor] of [
      [{ minor: 400 }, 400],
      [{ minor: 0 }, 0],
      [{ percent: '100' }, 400],
      [{ percent: '12.5' }, 50],
      [undefined, 0],
    ] as const) {
      const { id } = await issueEstimate(merchant, { ...order, deposit });
      expect((await findMerchantEstimate(merchant, String(id))).deposit).toEqual(money(minor, 'EUR'));
    }
    for (const [code, deposit] of [
      ['deposit_too_large', { minor: 401 }],
      ['deposit_too_large', { percent: '101' }],
      ['deposit_negative', { minor: -1 }],
      ['deposit_negative', { percent: '-1' }],
      ['bad_amount', { minor: 0.5 }],
    ] as const)
      await refusedWithoutTrace(house, merchant, code, () => issueEstimate(merchant, { ...order, deposit }));
  });

  test('a credit note says everything that it was issued with, and names the invoice that it corrects while that is there', async () => {
    const { merchant, scope, customerId } = await aHouse(engine);
    const wrong = await issueInvoice(merchant, { ...WHOLE, customerId });
    const { clientId } = await issueCreditNote(merchant, { ...WHOLE, customerId, invoiceId: wrong.id });
    const alone = await issueCreditNote(merchant, { ...WHOLE, customerId, name: undefined });
    const invoice = { clientId: wrong.clientId, number: wrong.number };
    const note = await findCreditNote(scope, clientId);
    expect(note).toMatchObject({ ...SHOWN, invoice, status: 'open', applied: [], used: money(0, 'EUR') });
    expect(await findCreditNote(scope, alone.clientId)).toMatchObject({
      name: undefined,
      invoice: undefined,
    });
    await voidInvoice(merchant, wrong.id);
    expect((await findCreditNote(scope, clientId)).invoice).toBeUndefined();
  });

  test('a number is one document’s of its kind, whoever’s it is; the tenant’s own numbering goes round those that are taken', async () => {
    const { house, merchant, customerId } = await aHouse(engine);
    const order = {
      customerId,
      currency: 'EUR',
      date: '2026-11-10',
      lines: [{ name: 'Paper', unitCost: '4' }],
    };
    await issueInvoice(merchant, { ...order, number: 'INV-0002' });
    const numbers = (await issueInvoices(merchant, [order, order])).map(({ number }) => number);
    expect(numbers).toEqual(['INV-0001', 'INV-0003']);
    expect((await issueEstimate(merchant, order)).number).toBe('EST-0001');
    expect((await issueCreditNote(merchant, order)).number).toBe('CN-0001');
    expect((await issueCreditNote(merchant, { ...order, number: 'INV-0002' })).number).toBe('INV-0002');
    const taken = (work: () => Promise<unknown>) =>
      refusedWithoutTrace(house, merchant, 'number_taken', work);
    await taken(() => issueInvoice(merchant, { ...order, number: 'INV-0003' }));
    await taken(() =>
      issueInvoices(merchant, [
        { ...order, number: 'X' },
        { ...order, number: 'X' },
      ]),
    );
    await taken(() => issueInvoices(merchant, [order, { ...order, number: 'INV-0001' }]));
    expect(await issueInvoices(merchant, [])).toEqual([]);
  });

  test('that somebody looked at a document is noted once, with the moment of the first time', async () => {
    const { house, merchant, scope, customerId } = await aHouse(engine);
    const invoice = await issueInvoice(merchant, { ...WHOLE, customerId });
    const other = await issueInvoice(merchant, { ...WHOLE, customerId });
    const first = house.clock.now().epochMilliseconds;
    await Promise.all([markSeen(scope, 'invoices', invoice.id), markSeen(scope, 'invoices', invoice.id)]);
    house.clock.move(60_000);
    await markSeen(scope, 'invoices', invoice.id);
    expect((await findMerchantInvoice(merchant, invoice.number)).viewedAt).toBe(first);
    expect((await findMerchantInvoice(merchant, other.number)).viewedAt).toBeUndefined();
    const trail = await trailOf(scope, 'invoice_id', invoice.id);
    expect(trail.map(({ type, at }) => [type, at])).toEqual([
      ['invoice.viewed', first],
      ['invoice.created', first],
    ]);
    expect(trail[1]!.data).toEqual({ number: invoice.number });
  });

  test('lines and rates stay in the order in which they were given, however many documents come at once', async () => {
    const { merchant, scope, customerId } = await aHouse(engine);
    const order = (...names: string[]) => ({
      customerId,
      currency: 'EUR',
      date: '2026-11-10',
      lines: names.map((name) => ({ name, unitCost: '1' })),
    });
    const [first, second] = await issueInvoices(merchant, [order('c', 'a', 'b'), order('z', 'y')]);
    const names = async (id: number) =>
      (await linesOf(scope, 'invoice_id', id, 'EUR')).map(({ name }) => name);
    expect(await names(first!.id)).toEqual(['c', 'a', 'b']);
    expect(await names(second!.id)).toEqual(['z', 'y']);
    await merchant.db
      .update('lines')
      .set((eb) => ({ position: eb('position', '*', -1) }))
      .execute();
    expect(await names(first!.id)).toEqual(['b', 'a', 'c']);
  });

  test('named invoices come in the order of their dates, each once, and all of them or none', async () => {
    const { house, merchant, scope, customerId } = await aHouse(engine);
    const { scope: stranger } = await customerWithInvoices(merchant, []);
    const order = (date: string) => ({
      customerId,
      currency: 'EUR',
      date,
      lines: [{ name: 'Paper', unitCost: '1' }],
    });
    const [late, early, same] = await issueInvoices(merchant, [
      order('2026-11-12'),
      order('2026-11-11'),
      order('2026-11-12'),
    ]);
    const [a, b, c] = [late!.clientId, early!.clientId, same!.clientId];
    const found = await invoicesByClientId(scope, [c, a, b, a]);
    expect(found.map(({ clientId }) => clientId)).toEqual([b, a, c]);
    expect(await invoicesByClientId(scope, [])).toEqual([]);
    await refusedWithoutTrace(house, merchant, 'not_found', () => invoicesByClientId(stranger, [a]));
    await refusedWithoutTrace(house, merchant, 'not_found', () => invoicesByClientId(scope, [a, 'nobody']));
    await voidInvoice(merchant, late!.id);
    await refusedWithoutTrace(house, merchant, 'not_found', () => invoicesByClientId(scope, [a]));
  });

  test('a merchant reads documents in the order they were made, of one customer, in one state, and no more than asked for', async () => {
    const { merchant, customerId } = await aHouse(engine);
    const { scope: other } = await customerWithInvoices(merchant, [100]);
    const order = {
      customerId,
      currency: 'EUR',
      date: '2026-11-10',
      lines: [{ name: 'Paper', unitCost: '4' }],
    };
    await issueInvoices(merchant, [order, order, order]);
    await issueInvoice(merchant, { ...order, lines: [{ name: 'Sample', unitCost: '0' }] });
    const numbers = async (query: Parameters<typeof everyInvoice>[1]) =>
      (await Array.fromAsync(everyInvoice(merchant, query))).map(({ number }) => number);
    expect(await numbers({})).toEqual([1, 2, 3, 4, 5].map((n) => `INV-000${n}`));
    expect(await numbers({ customerId: other.customerId })).toEqual(['INV-0001']);
    expect(await numbers({ status: 'paid' })).toEqual(['INV-0005']);
    expect(await numbers({ status: 'open', customerId, limit: 2 })).toEqual(['INV-0002', 'INV-0003']);
    expect(await numbers({ limit: 4 })).toHaveLength(4);
    expect(await numbers({ limit: 0 })).toEqual([]);
    expect(await Array.fromAsync(everyEstimate(merchant))).toEqual([]);
    await issueEstimate(merchant, order);
    const estimates = await Array.fromAsync(everyEstimate(merchant, { customerId }));
    expect(estimates.map(({ number }) => number)).toEqual(['EST-0001']);
    expect(await Array.fromAsync(everyEstimate(merchant, { customerId: other.customerId }))).toEqual([]);
  });

  test('where one invoice has the number that is another’s id, the number is meant', async () => {
    const { merchant, customerId } = await aHouse(engine);
    const order = {
      customerId,
      currency: 'EUR',
      date: '2026-11-10',
      lines: [{ name: 'Paper', unitCost: '4' }],
    };
    const first = await issueInvoice(merchant, order);
    const second = await issueInvoice(merchant, { ...order, number: String(first.id) });
    expect((await findMerchantInvoice(merchant, String(first.id))).id).toBe(second.id);
    expect((await findMerchantInvoice(merchant, first.number)).id).toBe(first.id);
    expect((await findMerchantInvoice(merchant, String(second.id))).id).toBe(second.id);
    expect((await findMerchantInvoice(merchant, first.number.toLowerCase())).id).toBe(first.id);
    await expect(findMerchantInvoice(merchant, 'none')).rejects.toMatchObject({
      code: 'unknown_invoice',
      details: { invoice: 'none', tenant: 'acme' },
    });
  });
});

async function aHouse(engine: (typeof ENGINES)[number]) {
  const house = await openHouse(engine);
  const merchant = await house.tenant();
  const { scope } = await customerWithInvoices(merchant, []);
  return { house, merchant, scope, customerId: scope.customerId };
}

/** The lines and rates of a document as they are stored, without what says whose they are. */
async function partsIn(merchant: MerchantScope, column: 'invoice_id' | 'estimate_id', id: number) {
  const lines = await merchant.db
    .from('lines')
    .selectAll()
    .where(column, '=', id)
    .orderBy('position')
    .execute();
  const rates = await merchant.db
    .from('applied_rates')
    .selectAll()
    .where(column, '=', id)
    .orderBy('position')
    .execute();
  const places = new Map(lines.map((line) => [line.id, line.position]));
  return {
    lines: lines.map((line) => ({ ...line, id: 0, invoice_id: 0, estimate_id: 0 })),
    rates: rates.map((rate) => ({
      ...rate,
      id: 0,
      invoice_id: 0,
      estimate_id: 0,
      line_id: rate.line_id === null ? null : places.get(rate.line_id),
    })),
  };
}
