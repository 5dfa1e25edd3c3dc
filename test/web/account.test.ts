import { describe, expect, test } from 'vitest';
import { createCustomer, type NewCustomer } from '#src/customers/customers.ts';
import { issueCreditNote, issueInvoice } from '#src/documents/issue.ts';
import { recordPayment } from '#src/payments/outside/record.ts';
import type { MerchantScope } from '#src/scope.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { ENGINES } from '#test/support/house.ts';
import { openPortal, textOf, Visitor } from '#test/support/portal.ts';
import { between, rowsOf } from '#test/support/tables.ts';

/** The clock of the tests stands on 23 November 2026. */
const DUE = {
  inFiveDays: '2026-11-28',
  threeDaysAgo: '2026-11-20',
  tenDaysAgo: '2026-11-13',
  hundredDaysAgo: '2026-08-15',
};
const ADDRESS = { address1: 'Kastanienallee 42', city: 'Berlin', postalCode: '10119', country: 'DE' };

describe.each(ENGINES)('My Account on %s', (engine) => {
  test('says what is due, and how old that is in a bar and in a table, without ages that nothing has', async () => {
    const { merchant, customerId, visit } = await anAccount(engine);
    await issue(merchant, customerId, 'A', '100.00', DUE.inFiveDays);
    await issue(merchant, customerId, 'B', '20.00', DUE.threeDaysAgo);
    await issue(merchant, customerId, 'C', '30.00', DUE.tenDaysAgo);
    await issue(merchant, customerId, 'D', '50.00', DUE.hundredDaysAgo);
    const page = await visit();
    expect(textOf(page)).toContain('Balance due €200.00 3 invoices are past due.');
    expect(ageingTable(page)).toEqual([
      ['Not yet due', '1 invoice', '€100.00'],
      ['1–7 days late', '1 invoice', '€20.00'],
      ['8–14 days late', '1 invoice', '€30.00'],
      ['61+ days late', '1 invoice', '€50.00'],
    ]);
    expect(bar(page)).toEqual(['50%', '10%', '15%', '25%']);
    expect(page).toContain('href="/pay"');
  });

  test('has one main button, however many currencies are owed in', async () => {
    const { merchant, customerId, visit } = await anAccount(engine);
    await issue(merchant, customerId, 'A', '100.00', DUE.tenDaysAgo);
    const lines = [{ name: 'Coffee', unitCost: '20.00' }];
    await issueInvoice(merchant, {
      customerId,
      currency: 'CHF',
      date: '2026-08-01',
      dueDate: DUE.inFiveDays,
      lines,
    });
    const page = await visit();
    expect(page.match(/href="\/pay\?currency=/g)).toHaveLength(2);
    expect(page.match(/portal-button-go/g)).toHaveLength(1);
  });

  test('the ranges of the ageing table, and what they count from, are the merchant’s settings', async () => {
    const { merchant, customerId, visit } = await anAccount(engine);
    await setSetting(merchant, 'ageing.buckets', '30,90');
    await setSetting(merchant, 'ageing.basis', 'date');
    await issue(merchant, customerId, 'A', '100.00', DUE.inFiveDays, '2026-11-23');
    await issue(merchant, customerId, 'B', '20.00', DUE.threeDaysAgo, '2026-10-01');
    expect(ageingTable(await visit())).toEqual([
      ['Issued today or later', '1 invoice', '€100.00'],
      ['31–90 days old', '1 invoice', '€20.00'],
    ]);
  });

  test('lists recent payments, newest first, each with its receipt', async () => {
    const { merchant, customerId, visit, visitor } = await anAccount(engine);
    for (const [i, day] of ['2026-11-02', '2026-11-20', '2026-10-15'].entries()) {
      const { id } = await issue(merchant, customerId, `P${i}`, `${i + 1}0.00`, DUE.inFiveDays);
      await recordPayment(merchant, {
        customerId,
        currency: 'EUR',
        date: day,
        method: 'wire_transfer',
        methodLabel: 'Bank transfer',
        reference: `T${i}`,
        applied: [{ invoiceId: id, minor: (i + 1) * 1000 }],
      });
    }
    const page = await visit();
    const table = page.slice(page.indexOf('portal-payments'));
    const rows = [...table.matchAll(/<time[^>]*datetime="([^"]+)"[\s\S]*?(€[\d.]+)[\s\S]*?href="([^"]+)"/g)];
    expect(rows.map(([, date, amount]) => [date, amount])).toEqual([
      ['2026-11-20', '€20.00'],
      ['2026-11-02', '€10.00'],
      ['2026-10-15', '€30.00'],
    ]);
    expect(textOf(table)).toContain('Bank transfer');
    for (const [, , amount, href] of rows) expect(textOf((await visitor.get(href!)).text)).toContain(amount);
  });

  test('shows who is billed: name, person, address, e-mail, telephone and tax number', async () => {
    const { visit } = await anAccount(engine, {
      name: 'Kaffeehaus Morgenrot GmbH',
      attentionTo: 'Anna Berg',
      email: 'anna@morgenrot.example',
      phone: '+49 30 1234',
      taxId: 'DE123456789',
      ...ADDRESS,
    });
    const text = textOf(await visit());
    const details = text.slice(text.indexOf('Billing details'));
    for (const part of [
      ['Kaffeehaus Morgenrot GmbH', 'Anna Berg', 'Kastanienallee 42', '10119 Berlin'],
      ['anna@morgenrot.example', '+49 30 1234', 'Tax ID DE123456789'],
    ].flat()) {
      expect(details).toContain(part);
    }
  });
});

describe('next steps fit the account’s state', () => {
  test('nothing was ever billed: nothing to pay, no bar, and no step', async () => {
    const { visit } = await anAccount('sqlite', ADDRESS);
    const page = await visit();
    expect(textOf(page)).toContain('€0.00 Nothing has been invoiced yet.');
    expect(textOf(page)).toContain('No payments yet.');
    expect(page).not.toContain('portal-age-bar');
    expect(page).not.toContain('href="/pay"');
    expect(steps(page)).toEqual([]);
  });

  test('everything is paid: it says so', async () => {
    const { merchant, customerId, visit } = await anAccount('sqlite', ADDRESS);
    const { id } = await issue(merchant, customerId, 'A', '10.00', DUE.inFiveDays);
    const applied = [{ invoiceId: id, minor: 1000 }];
    const transfer = { method: 'wire_transfer', methodLabel: 'Bank transfer', reference: 'T' } as const;
    await recordPayment(merchant, { customerId, currency: 'EUR', date: '2026-11-20', ...transfer, applied });
    const page = await visit();
    expect(textOf(page)).toContain('You are all paid up. Thank you.');
    expect(steps(page)).toEqual([]);
  });

  test('open but not due: what comes next, and no step', async () => {
    const { merchant, customerId, visit } = await anAccount('sqlite', ADDRESS);
    await issue(merchant, customerId, 'SOON', '10.00', DUE.inFiveDays);
    const page = await visit();
    expect(textOf(page)).toContain('Next: SOON on 28 November 2026.');
    expect(steps(page)).toEqual([]);
  });

  test('late: the step counts what is late, and leads to exactly that', async () => {
    const { merchant, customerId, visit, visitor } = await anAccount('sqlite', ADDRESS);
    await issue(merchant, customerId, 'LATE-1', '10.00', DUE.tenDaysAgo);
    await issue(merchant, customerId, 'LATE-2', '5.00', DUE.threeDaysAgo);
    await issue(merchant, customerId, 'OPEN-3', '1.00', DUE.inFiveDays);
    const page = await visit();
    expect(steps(page)).toEqual(['Pay the 2 invoices that are late €15.00 is past due. Pay them']);
    const target = /href="(\/pay\?[^"]*)"/.exec(page)![1]!;
    const list = textOf((await visitor.get(target.replaceAll(/&(amp|#38);/g, '&'))).text);
    expect(list).toContain('LATE-1');
    expect(list).toContain('LATE-2');
    expect(list).not.toContain('OPEN-3');
  });

  test('credit: the card beside the balance says how much there is and where it comes from', async () => {
    const { merchant, customerId, visit } = await anAccount('sqlite', ADDRESS);
    const lines = [{ name: 'Broken cups', unitCost: '12.50' }];
    await issueCreditNote(merchant, { customerId, currency: 'EUR', date: '2026-11-20', lines });
    expect(textOf(await visit())).toContain('Credit €12.50');
  });

  test('no address: the step asks for it', async () => {
    const { visit } = await anAccount('sqlite');
    expect(steps(await visit())).toEqual([expect.stringContaining('We have no address for you yet')]);
  });
});

async function anAccount(engine: (typeof ENGINES)[number], details: Partial<NewCustomer> = {}) {
  const open = await openPortal(engine);
  const merchant = await open.tenant();
  const { id } = await createCustomer(merchant, { name: 'Müller & Söhne GmbH', ...details });
  const visitor = await Visitor.signedIn(open, merchant, id);
  const visit = async (): Promise<string> => {
    const answer = await visitor.get('/');
    expect(answer.status).toBe(200);
    return answer.text;
  };
  return { merchant, customerId: id, visitor, visit };
}

function issue(
  merchant: MerchantScope,
  customerId: number,
  number: string,
  unitCost: string,
  dueDate: string,
  date = '2026-08-01',
) {
  const lines = [{ name: 'Coffee', unitCost }];
  return issueInvoice(merchant, { customerId, number, currency: 'EUR', date, dueDate, lines });
}

/** The rows of the ageing table as texts. */
function ageingTable(page: string): string[][] {
  return rowsOf(between(between(page, '<div class="portal-age">', '</table>'), '<tbody', '</tbody>'));
}

/** The widths of the bar's coloured stretches. */
function bar(page: string): string[] {
  const svg = /<svg class="portal-age-bar"[\s\S]*?<\/svg>/.exec(page)?.[0] ?? '';
  return [...svg.matchAll(/<rect class="portal-age-\d"[^>]*width="([\d.]+%)"/g)].map(
    ([, width = '']) => width,
  );
}

function steps(page: string): string[] {
  const list = /<ul class="portal-steps">([\s\S]*?)<\/ul>/.exec(page)?.[1] ?? '';
  return [...list.matchAll(/<li[\s\S]*?<\/li>/g)].map(([item]) => textOf(item));
}
