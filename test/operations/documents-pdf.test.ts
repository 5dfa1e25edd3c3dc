import { describe, expect, test } from 'vitest';
import { createCustomer } from '#src/customers/customers.ts';
import { issueInvoice, type NewInvoice } from '#src/documents/issue.ts';
import { invoicePdf, receiptPdf } from '#src/exports/pdf.ts';
import { approvePlan, attachPlan } from '#src/payments/plans/plans.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '#src/scope.ts';
import { customerWithInvoices, ENGINES, openHouse, cardSource } from '#test/support/house.ts';
import { allText, fontNames, readPages } from '../rules/pdf-samples.ts';

const MEANS = {
  code: '58',
  iban: 'DE89370400440532013000',
  bic: 'COBADEFFXXX',
  accountName: 'Acme GmbH',
  paymentId: 'REF 2041',
};

describe.each(ENGINES)('on %s', (engine) => {
  test('the PDF of an invoice says what the invoice says: figures, references, terms, and how to pay', async () => {
    const { scope, clientId } = await anInvoice(engine);
    const { bytes, name } = await invoicePdf(scope, clientId);
    expect(name).toBe('Invoice INV-2041.pdf');
    const text = await textOf(bytes);
    const expected = [
      ['INV-2041', 'Jürgen Groß KG', 'Attn. Petra Müller', '10 November 2026', '24 November 2026'],
      ['PO-77', 'Cost centre 9', 'Net 14', 'Thank you', 'Acme Register 123', '2,5 h', '0,0042 €'],
      ['Discount', '−10,00 €', 'VAT 19 %', '1.234,50 €', 'IBAN: DE89 3704 0044 0532 0130 00'],
      ['BIC: COBADEFFXXX', 'Reference: REF 2041', 'Write the number on your transfer'],
    ].flat();
    for (const words of expected) {
      expect(text).toContain(words);
    }
    expect(text).not.toContain('Paid');
  });

  test('once paid, the PDF says so and no longer asks for money', async () => {
    const { scope, clientId } = await anInvoice(engine);
    await pay(scope, [clientId]);
    const text = await textOf((await invoicePdf(scope, clientId)).bytes);
    expect(text).toContain('Paid');
    expect(text).toContain('paid in full');
    expect(text).toContain('0,00 €');
    expect(text).not.toContain('IBAN');
    expect(text).not.toContain('Write the number');
  });

  test('with an agreed plan, the PDF says what is due next and when the rest is, and changes with what is paid', async () => {
    const { merchant, scope, clientId, id } = await anInvoice(engine);
    const plan = await attachPlan(merchant, id, [
      { date: '2026-11-25', minor: 23_450 },
      { date: '2026-12-25', minor: 50_000 },
      { date: '2027-01-25', minor: 50_000 },
    ]);
    expect(await textOf((await invoicePdf(scope, clientId)).bytes)).not.toContain('Payment plan');
    await approvePlan(scope, { invoiceId: id, hash: plan.hash, ip: '203.0.113.7', userAgent: 'Firefox' });
    const agreed = await textOf((await invoicePdf(scope, clientId)).bytes);
    for (const words of [
      ['Payment plan', '234,50 €', 'due 25 November 2026', 'Next instalment', 'Open', '1.234,50 €'],
      ['1. 25 November 2026: 234,50 €', '2. 25 December 2026: 500,00 €', '3. 25 January 2027: 500,00 €'],
    ].flat())
      expect(agreed).toContain(words);
    expect(agreed).not.toContain('24 November 2026');
    await pay(scope, [clientId], 23_450);
    const later = await textOf((await invoicePdf(scope, clientId)).bytes);
    for (const words of ['1. 25 November 2026: 234,50 €, paid', '500,00 €', 'due 25 December 2026'])
      expect(later).toContain(words);
  });

  test('one receipt names every invoice of the payment, and the same receipt gives the same bytes', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const { scope, invoices } = await customerWithInvoices(merchant, [10_000, 2_550]);
    const receipt = await pay(
      scope,
      invoices.map(({ clientId }) => clientId),
    );
    const first = await receiptPdf(scope, receipt);
    expect(first.name).toBe('Receipt R-00001.pdf');
    const text = await textOf(first.bytes);
    for (const invoice of invoices) expect(text).toContain(invoice.number);
    for (const words of ['€100.00', '€25.50', '€125.50', 'Visa ending 4242', '23 November 2026']) {
      expect(text).toContain(words);
    }
    house.clock.move(3_600_000);
    expect((await receiptPdf(scope, receipt)).bytes).toEqual(first.bytes);
  });

  test('somebody else’s invoice and receipt have no PDF', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const { scope, invoices } = await customerWithInvoices(merchant, [900]);
    const receipt = await pay(scope, [invoices[0]!.clientId]);
    const other = await customerWithInvoices(merchant, [], 'Somebody else');
    const elsewhere = await customerWithInvoices(await house.tenant('globex'), []);
    for (const stranger of [other.scope, elsewhere.scope]) {
      await expect(invoicePdf(stranger, invoices[0]!.clientId)).rejects.toMatchObject({ code: 'not_found' });
      await expect(receiptPdf(stranger, receipt)).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});

test.each([
  ['../../etc/passwd', 'Invoice etc-passwd.pdf'],
  ['A"B\r\nX: 1', 'Invoice A-B-X-1.pdf'],
  ['Übergröße/7', 'Invoice Ubergro-e-7.pdf'],
  ['発票', 'Invoice.pdf'],
])('an invoice with the number %j is saved under a safe name', async (number, name) => {
  const merchant = await (await openHouse()).tenant();
  const { scope, clientId } = await issued(merchant, { number });
  expect((await invoicePdf(scope, clientId)).name).toBe(name);
});

test('a language tag that is none does not keep a document from being made', async () => {
  const merchant = await (await openHouse()).tenant();
  const { scope, clientId } = await issued(merchant, {});
  // No door takes such a tag; older data may hold one.
  await merchant.db.update('customers').set({ language: 'not_a tag!' }).execute();
  expect(await textOf((await invoicePdf(scope, clientId)).bytes)).toContain('10 November 2026');
});

test('Chinese characters have the form of the customer’s language, or country where there is none', async () => {
  const merchant = await (await openHouse()).tenant();
  for (const [number, reader, form] of [
    ['C-JP', { country: 'JP' }, 'noto-sans-jp'],
    ['C-TW', { language: 'zh-TW', country: 'US' }, 'noto-sans-tc'],
    ['C-CN', { country: 'CN' }, 'noto-sans-sc'],
  ] as const) {
    const customer = await createCustomer(merchant, { name: '骨', number, ...reader });
    const lines = [{ name: 'Beans', unitCost: '1.00' }];
    const invoice = { customerId: customer.id, currency: 'EUR', date: '2026-11-10', lines };
    const { clientId } = await issueInvoice(merchant, invoice);
    const { bytes } = await invoicePdf(customerScope(merchant, customer.id), clientId);
    expect(await fontNames(bytes), number).toContain(form);
  }
});

async function anInvoice(engine: (typeof ENGINES)[number]) {
  const open = await (await openHouse(engine)).tenant();
  const settings = {
    ...open.settings,
    'documents.payment_instructions': 'Write the number on your transfer',
    'documents.footer': 'Acme Register 123',
  };
  return issued(
    { ...open, settings },
    {
      number: 'INV-2041',
      purchaseOrder: 'PO-77',
      buyerReference: 'Cost centre 9',
      paymentTerms: 'Net 14',
      notes: 'Thank you',
      paymentMeans: [MEANS],
      lines: [
        { name: 'Advice', quantity: '2.5', unit: 'HUR', unitCost: '400' },
        { name: 'Letters', quantity: '11300', unit: 'C62', unitCost: '0.0042', amountMinor: 4_740 },
      ],
      rates: [
        { kind: 'discount', name: 'Discount', amountMinor: 1_000 },
        { kind: 'tax', name: 'VAT', percent: '19', amountMinor: 19_710 },
      ],
    },
  );
}

async function issued(merchant: MerchantScope, change: Partial<NewInvoice>) {
  const customer = await createCustomer(merchant, {
    name: 'Jürgen Groß KG',
    attentionTo: 'Petra Müller',
    language: 'de',
  });
  const { clientId, id } = await issueInvoice(merchant, {
    customerId: customer.id,
    currency: 'EUR',
    date: '2026-11-10',
    dueDate: '2026-11-24',
    lines: [{ name: 'Paper', unitCost: '12.50' }],
    ...change,
  });
  return { merchant, scope: customerScope(merchant, customer.id), clientId, id };
}

async function pay(scope: CustomerScope, clientIds: string[], part?: number): Promise<string> {
  const draft = await preparePayment(scope, clientIds);
  const seen = new Map(draft.invoices.map((invoice) => [invoice.clientId, invoice.left.minor]));
  const receiptEmail = 'petra@mueller.example';
  const parts = part === undefined ? undefined : new Map(clientIds.map((id) => [id, part]));
  const order = { nonce: draft.nonce, seen, parts, with: cardSource(), receiptEmail };
  const outcome = await payInvoices(scope, order);
  return outcome.state === 'succeeded' ? outcome.receipt : '';
}

async function textOf(bytes: Uint8Array): Promise<string> {
  return allText(await readPages(bytes)).replace(/[\u00A0\u202F]/g, ' ');
}
