import { describe, expect, test } from 'vitest';
import { createContact } from '#src/customers/contacts.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { issueCreditNote, issueEstimate, issueInvoice, type NewInvoice } from '#src/documents/issue.ts';
import { adjustCredit } from '#src/payments/credit/credits.ts';
import { recordPayment } from '#src/payments/outside/record.ts';
import { importCsv } from '#src/imports/csv.ts';
import { importUbl } from '#src/imports/ubl-import.ts';
import { PLAIN, ublExample } from '#test/data/ubl-example.ts';
import { ENGINES, openHouse } from '#test/support/house.ts';
import { textSource, wholeTenant } from '#test/support/import-files.ts';
import { refusedWithoutTrace } from '#test/support/money.ts';

const LONG = 'x'.repeat(99_999);

describe.each(ENGINES)('on %s', (engine) => {
  test('what is longer than a document may be is refused at the one place that writes it', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const { id: customerId } = await createCustomer(merchant, { name: 'A', number: 'A' });
    const plain: NewInvoice = {
      customerId,
      currency: 'EUR',
      date: '2026-11-23',
      lines: [{ name: 'x', unitCost: '1' }],
    };
    const manyLines = Array.from({ length: 2001 }, () => ({ name: 'x', unitCost: '1' }));
    const wrong: Array<Partial<NewInvoice>> = [
      { number: LONG },
      { name: LONG },
      { notes: LONG },
      { purchaseOrder: LONG },
      { buyerReference: LONG },
      { paymentTerms: LONG },
      { lines: [{ name: LONG, unitCost: '1' }] },
      { lines: [{ name: 'x', description: LONG, unitCost: '1' }] },
      { lines: [{ name: 'x', unit: LONG, unitCost: '1' }] },
      { lines: [{ name: 'x', itemCode: LONG, unitCost: '1' }] },
      { lines: manyLines },
      { rates: [{ kind: 'discount', name: LONG, amountMinor: 1 }] },
      { rates: Array.from({ length: 4001 }, () => ({ kind: 'tax' as const, name: 'x', amountMinor: 0 })) },
      { references: { note: LONG.repeat(3) } },
      { paymentMeans: { note: LONG.repeat(3) } },
      { date: '2569-01-31' },
      { dueDate: '0226-01-31' },
    ];
    for (const issue of [issueInvoice, issueEstimate, issueCreditNote]) {
      for (const more of issue === issueInvoice ? wrong : wrong.slice(0, 2)) {
        await refusedWithoutTrace(house, merchant, 'bad_input', () => issue(merchant, { ...plain, ...more }));
      }
    }
    for (const more of [
      { name: LONG },
      { number: LONG },
      { city: LONG },
      { notes: LONG },
      { taxId: LONG },
      { metadata: { a: LONG } },
    ]) {
      await refusedWithoutTrace(house, merchant, 'bad_input', () =>
        createCustomer(merchant, { name: 'B', ...more }),
      );
    }
    for (const more of [{ name: LONG }, { title: LONG }, { phone: LONG }]) {
      await refusedWithoutTrace(house, merchant, 'bad_input', () =>
        createContact(merchant, { customerId, name: 'C', ...more }),
      );
    }
    await issueInvoice(merchant, { ...plain, lines: manyLines.slice(1) });
  });

  test('files say which of them is too long, and nothing of it is kept', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    await createCustomer(merchant, { name: 'A', number: 'A' });
    const before = await wholeTenant(merchant);
    const xml = ublExample(PLAIN);
    const documents = [
      xml.replace('<cbc:ID>E-1<', `<cbc:ID>${LONG}<`),
      xml.replace('Łódzka Księgarnia', LONG),
      xml.replace('Thing 1', LONG),
      xml.replace('2026-01-15', '0226-01-15'),
      ublExample({
        ...PLAIN,
        lines: Array.from({ length: 2001 }, () => ({
          quantity: '0',
          price: '0',
          amount: '0.00',
          vat: 'S 20',
        })),
        taxes: [{ vat: 'S 20', taxable: '0.00', tax: '0.00' }],
        taxTotal: '0.00',
        totals: {
          LineExtensionAmount: '0.00',
          TaxExclusiveAmount: '0.00',
          TaxInclusiveAmount: '0.00',
          PayableAmount: '0.00',
        },
      }),
    ];
    for (const [i, document] of documents.entries()) {
      const report = await importUbl(merchant, [textSource(document, `${i}.xml`)], { skipBad: false });
      expect(report.kept).toBe(false);
      expect(report.problems[0]).toMatchObject({ file: `${i}.xml` });
    }
    const rows = [
      `number,customer,date,total\n${LONG},A,2026-01-31,1\n`,
      `number,customer,date,total,name\nN,A,2026-01-31,1,${LONG}\n`,
      `number,customer,date,item,qty,rate\nN,A,2026-01-31,x,1,1\n${'N,,,x,1,1\n'.repeat(2000)}`,
    ];
    for (const text of rows) {
      const report = await importCsv(merchant, { invoices: textSource(text, 'i.csv') }, { skipBad: false });
      expect(report.kept).toBe(false);
      expect(report.problems[0]).toMatchObject({
        file: 'i.csv',
        line: 2,
        reason: expect.stringContaining('possible'),
      });
    }
    const people = await importCsv(
      merchant,
      { customers: textSource(`number,name\n1,${LONG}\n`, 'c.csv') },
      { skipBad: false },
    );
    expect(people).toMatchObject({ kept: false, problems: [{ file: 'c.csv', line: 2 }] });
    expect(await wholeTenant(merchant)).toEqual(before);
  });

  test('a deposit, a discount and a total that cannot be say why, in the currency’s units', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const { id: customerId } = await createCustomer(merchant, { name: 'A', number: 'A' });
    const plain = {
      customerId,
      currency: 'EUR',
      date: '2026-11-23',
      lines: [{ name: 'x', unitCost: '100' }],
    };
    const said = async (code: Parameters<typeof refusedWithoutTrace>[2], work: () => Promise<unknown>) => {
      await refusedWithoutTrace(house, merchant, code, work);
      return work().catch((error: Error) => error.message);
    };
    expect(
      await said('deposit_too_large', () =>
        issueEstimate(merchant, { ...plain, deposit: { minor: 10_001 } }),
      ),
    ).toBe('The deposit of 100.01 EUR is more than the estimate comes to, 100.00 EUR.');
    expect(
      await said('deposit_too_large', () =>
        issueEstimate(merchant, { ...plain, deposit: { percent: '101' } }),
      ),
    ).toContain('101.00 EUR');
    expect(
      await said('deposit_negative', () => issueEstimate(merchant, { ...plain, deposit: { minor: -1 } })),
    ).toContain('-0.01 EUR');
    for (const issue of [issueInvoice, issueEstimate, issueCreditNote]) {
      const rates = [{ kind: 'discount' as const, name: 'Discount', amountMinor: 10_001 }];
      expect(await said('discount_too_large', () => issue(merchant, { ...plain, rates }))).toBe(
        'The discount of 100.01 EUR is more than what it is taken off, 100.00 EUR.',
      );
      const credit = { ...plain, currency: 'JPY', lines: [{ name: 'x', unitCost: '-5' }] };
      expect(await said('total_below_zero', () => issue(merchant, credit))).toBe(
        'The total would be -5 JPY.',
      );
    }
  });

  test('an amount that cannot be is named in the currency’s units', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const { id: customerId } = await createCustomer(merchant, { name: 'A', number: 'A' });
    const received = {
      customerId,
      date: '2026-11-23',
      method: 'cash',
      methodLabel: 'Cash',
      currency: 'KWD',
      applied: [],
    } as const;
    const paid = recordPayment(merchant, { ...received, toCredit: -1250 });
    await expect(paid).rejects.toThrow('“-1.250 KWD” is not an amount we can use.');
    const credit = adjustCredit(merchant, { customerId, amount: { minor: 0, currency: 'EUR' } });
    await expect(credit).rejects.toThrow('“0.00 EUR” is not an amount we can use.');
  });

  test('a total of nothing is paid at once, and nothing is posted', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    await createCustomer(merchant, { name: 'A', number: 'A' });
    const text = 'number,customer,date,item,qty,rate,discount\nZ,A,2026-01-31,x,1,5,100%\n';
    const report = await importCsv(merchant, { invoices: textSource(text, 'i.csv') }, { skipBad: false });
    expect(report).toMatchObject({ kept: true, problems: [], created: { invoices: 1, payments: 0 } });
    const [invoice] = await merchant.db
      .from('invoices')
      .select(['total_minor', 'balance_minor', 'paid_at'])
      .execute();
    expect(invoice).toEqual({
      total_minor: 0,
      balance_minor: 0,
      paid_at: house.clock.now().epochMilliseconds,
    });
    expect(await merchant.db.from('postings').select('journal_id').execute()).toEqual([]);
  });

  test('a negative discount of a file is refused, of an invoice and of a line', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    await createCustomer(merchant, { name: 'A', number: 'A' });
    const before = await wholeTenant(merchant);
    const rows = [
      [
        'number,customer,date,total,discount\nN,A,2026-01-31,10,-5\n',
        'The discount of Invoice N is negative.',
      ],
      [
        'number,customer,date,item,qty,rate,discount\nN,A,2026-01-31,x,1,5,-1\n',
        'The discount of the line is negative, or not one.',
      ],
      [
        'number,customer,date,item,qty,rate,discount\nN,A,2026-01-31,x,1,5,-10%\n',
        'The discount of the line is negative, or not one.',
      ],
    ];
    for (const [text = '', reason] of rows) {
      const report = await importCsv(merchant, { invoices: textSource(text, 'i.csv') }, { skipBad: false });
      expect(report.problems).toMatchObject([{ reason }]);
    }
    expect(await wholeTenant(merchant)).toEqual(before);
  });

  test('a cell that was emptied since the last import is a difference', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const customers = 'number,name,email,phone\nA,Ada,a@b.example,123\n';
    const invoices = 'number,customer,date,due_date,total\nN,A,2026-01-31,2026-02-28,10\n';
    const run = (c: string, i: string) =>
      importCsv(
        merchant,
        { customers: textSource(c, 'c.csv'), invoices: textSource(i, 'i.csv') },
        { skipBad: true },
      );
    await run(customers, invoices);
    const before = await wholeTenant(merchant);
    const again = await run(customers.replace('123', ''), invoices.replace('2026-02-28', ''));
    expect(again.problems.map(({ reason }) => reason)).toEqual([
      'There is a customer A already, with another phone (here empty, there 123).',
      'There is an invoice N already, with other due date (here empty, there 2026-02-28).',
    ]);
    expect(again.unchanged).toMatchObject({ customers: 0, invoices: 0 });
    expect(await wholeTenant(merchant)).toEqual(before);
  });
});
