import { describe, expect, test } from 'vitest';
import { createCustomer } from '#src/customers/customers.ts';
import { issueInvoice, type NewInvoice } from '#src/documents/issue.ts';
import { recordPayment } from '#src/payments/outside/record.ts';
import { createTenant, openMerchant } from '#src/tenants/tenants.ts';
import { ENGINES } from '#test/support/house.ts';
import { openPortal, textOf, Visitor } from '#test/support/portal.ts';
import { between, rowsOf } from '#test/support/tables.ts';
import { allText, readPages } from '../rules/pdf-samples.ts';

/** 120.00 + 25.50, less 10.00, plus 6.90 for shipping, plus 27.06 of tax. */
const INVOICE = {
  number: 'INV-2041',
  date: '2026-11-10',
  dueDate: '2026-11-24',
  currency: 'EUR',
  purchaseOrder: 'PO-77',
  buyerReference: 'Cost centre 9',
  paymentTerms: 'NET 14',
  notes: 'Ship to the back door.',
  lines: [
    { name: 'Advice', description: 'In November', quantity: '2.5', unitCost: '48' },
    { name: 'Letters', quantity: '3', unitCost: '8.50' },
  ],
  rates: [
    { kind: 'discount', name: 'Loyalty', amountMinor: 1_000 },
    { kind: 'shipping', name: 'Shipping', amountMinor: 690 },
    { kind: 'tax', name: 'VAT', percent: '19', amountMinor: 2_706 },
  ],
} satisfies Partial<NewInvoice>;

describe.each(ENGINES)('an invoice on %s', (engine) => {
  test('shows lines, discounts, taxes, totals, balance, dates, and who bills whom', async () => {
    const { visitor, clientId } = await anInvoice(engine);
    const page = await visitor.get(`/invoices/${clientId}`);
    expect(page.status).toBe(200);
    const paper = between(page.text, '<article class="portal-card portal-paper"', '</article>');
    const rows = rowsOf(paper).map((cells) => cells.join(' | '));
    expect(rows.slice(1)).toEqual([
      'Advice In November 2.5 × €48.00 | 2.5 | €48.00 | €120.00',
      'Letters 3 × €8.50 | 3 | €8.50 | €25.50',
    ]);
    const text = textOf(paper);
    for (const part of [
      ['Subtotal €145.50', 'Loyalty −€10.00', 'Shipping €6.90', 'VAT 19% €27.06'],
      ['Total €169.46', 'Balance due €169.46', 'Date 10 Nov 2026', 'Due 24 Nov 2026'],
      ['Purchase order PO-77', 'Your reference Cost centre 9', 'Terms NET 14', 'Ship to the back door.'],
      ['Kontor GmbH', 'Speicherstraße 7', '10245 Berlin', 'Tax ID DE129274202', 'rechnung@kontor.example'],
      ['Müller & Söhne', 'Petra Müller', 'Am Handelshafen 5', '40221 Düsseldorf', 'Tax ID DE811'],
    ].flat()) {
      expect.soft(text).toContain(part);
    }
  });

  test('offers to pay it and to download it', async () => {
    const { visitor, clientId } = await anInvoice(engine);
    const { text } = await visitor.get(`/invoices/${clientId}`);
    expect(text).toContain(`href="/pay?invoice=${clientId}"`);
    expect(text).toContain(`href="/invoices/${clientId}/pdf"`);
    expect(textOf((await visitor.get(`/pay?invoice=${clientId}`)).text)).toContain('Pay invoice INV-2041');
  });

  test('part paid says what is left, and paid offers no more to pay', async () => {
    const { merchant, visitor, clientId, invoiceId, customerId } = await anInvoice(engine);
    for (const [minor, left] of [
      [10_000, '€69.46'],
      [6_946, '€0.00'],
    ] as const) {
      await recordPayment(merchant, {
        customerId,
        currency: 'EUR',
        date: '2026-11-20',
        method: 'wire_transfer',
        methodLabel: 'Bank transfer',
        reference: left,
        applied: [{ invoiceId, minor }],
      });
      const { text } = await visitor.get(`/invoices/${clientId}`);
      expect(textOf(text)).toContain(`Balance due ${left}`);
      expect(text.includes('href="/pay?')).toBe(left !== '€0.00');
    }
    const text = textOf((await visitor.get(`/invoices/${clientId}`)).text);
    expect(text).toContain('€169.46 is paid. Thank you.');
    expect(text).toContain('Paid −€169.46');
    expect(text).toContain('Receipt');
  });

  test('/pdf is the same invoice on paper, with text that can be selected', async () => {
    const { visitor, clientId } = await anInvoice(engine);
    const answer = await visitor.get(`/invoices/${clientId}/pdf`);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': expect.stringContaining('Invoice INV-2041.pdf'),
    });
    const pages = await readPages(answer.body);
    const text = allText(pages).replace(/[\u00a0\u202f\n]/g, ' ');
    expect(pages).toHaveLength(1);
    for (const part of ['INV-2041', 'Kontor GmbH', 'Müller & Söhne', 'Advice', '€145.50', '€169.46'])
      expect.soft(text).toContain(part);
  });

  test('of three hundred lines has every one of them, on the page and on the many pages of its PDF', async () => {
    const lines = Array.from({ length: 300 }, (_, i) => ({ name: `Position ${i + 1}.`, unitCost: '0.01' }));
    const { visitor, clientId } = await anInvoice(engine, { lines, rates: [] });
    const page = await visitor.get(`/invoices/${clientId}`);
    const positions = lines.map(({ name }) => name);
    expect(page.text.match(/Position \d+\./g)).toEqual(positions);
    const pages = await readPages((await visitor.get(`/invoices/${clientId}/pdf`)).body);
    expect(pages.length).toBeGreaterThan(5);
    expect(allText(pages).match(/Position \d+\./g)).toEqual(positions);
  });
});

test.each([
  ['Łukasz Żółć-Gęślą, Ďáblice', undefined],
  ['Ελευθερία Παπαδοπούλου', undefined],
  ['Дмитро Їжак, Љиљана', undefined],
  ['Աննա Հովհաննիսյան', undefined],
  ['ნინო ბერიძე', undefined],
  ['東京物流 株式会社 Tokyo', 'Tokyo'],
  ['دار السلام Cairo', 'Cairo'],
  ['🫖 Tea \u{10ffff}\ufffe Room', 'Room'],
])('a PDF for %s can be downloaded; letters the font lacks have stand-ins', async (name, readable) => {
  const { visitor, clientId } = await anInvoice('sqlite', {}, name);
  const answer = await visitor.get(`/invoices/${clientId}/pdf`);
  expect(answer.status).toBe(200);
  expect(allText(await readPages(answer.body))).toContain(readable ?? name);
});

async function anInvoice(
  engine: (typeof ENGINES)[number],
  change: Partial<NewInvoice> = {},
  name = 'Müller & Söhne',
) {
  const open = await openPortal(engine);
  const operator = open.app.operator();
  const tenant = await createTenant(operator, {
    username: 'kontor',
    name: 'Kontor GmbH',
    currency: 'EUR',
    timeZone: 'Europe/Berlin',
    country: 'DE',
    address1: 'Speicherstraße 7',
    city: 'Berlin',
    postalCode: '10245',
    taxId: 'DE129274202',
    email: 'rechnung@kontor.example',
  });
  const merchant = await openMerchant(operator, tenant);
  const customer = await createCustomer(merchant, {
    name,
    attentionTo: 'Petra Müller',
    taxId: 'DE811',
    address1: 'Am Handelshafen 5',
    city: 'Düsseldorf',
    postalCode: '40221',
    country: 'DE',
  });
  const issued = await issueInvoice(merchant, { ...INVOICE, customerId: customer.id, ...change });
  const visitor = await Visitor.signedIn(open, merchant, customer.id);
  return { merchant, visitor, customerId: customer.id, clientId: issued.clientId, invoiceId: issued.id };
}
