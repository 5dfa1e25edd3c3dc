import { describe, expect, test } from 'vitest';
import { createCustomer } from '#src/customers/customers.ts';
import { issueInvoice, type NewInvoice } from '#src/documents/issue.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { customerScope, type MerchantScope } from '#src/scope.ts';
import { ENGINES, WORKING_CARD } from '#test/support/house.ts';
import { openPortal, textOf, Visitor } from '#test/support/portal.ts';
import { between, rowsOf } from '#test/support/tables.ts';

const SLOW_CARD = { ...WORKING_CARD, number: '4000000000000077' };

describe.each(ENGINES)('Activity → Invoices on %s', (engine) => {
  test('is searched by a part of the number, or of the purchase order', async () => {
    const { issue, numbersAt } = await aList(engine);
    await issue('INV-100', { purchaseOrder: 'PO-7' });
    await issue('INV-101');
    await issue('X_%-5');
    expect(await numbersAt('?number=inv-10')).toEqual(['INV-101', 'INV-100']);
    expect(await numbersAt('?number=101')).toEqual(['INV-101']);
    expect(await numbersAt('?number=po-7')).toEqual(['INV-100']);
    expect(await numbersAt('?number=%25')).toEqual(['X_%-5']);
    expect(await numbersAt('?number=_')).toEqual(['X_%-5']);
    expect(await numbersAt(`?number=${encodeURIComponent(`' or 1=1 --`)}`)).toEqual([]);
  });

  test('is filtered by status', async () => {
    const { merchant, scope, issue, numbersAt } = await aList(engine);
    await issue('LATE', { dueDate: '2026-11-22' });
    await issue('TODAY', { dueDate: '2026-11-23' });
    await issue('NO-DATE', { dueDate: undefined });
    await pay(scope, [(await issue('PAID')).clientId], WORKING_CARD);
    await pay(scope, [(await issue('ON-ITS-WAY')).clientId], SLOW_CARD);
    const closed = await issue('WRITTEN-OFF', { dueDate: '2026-01-31' });
    await merchant.db.update('invoices').set({ closed: 1 }).where('id', '=', closed.id).execute();
    const sorted = async (status: string) => (await numbersAt(`?status=${status}`)).toSorted();
    expect(await sorted('open')).toEqual(['LATE', 'NO-DATE', 'TODAY']);
    expect(await sorted('past_due')).toEqual(['LATE']);
    expect(await sorted('paid')).toEqual(['PAID']);
    expect(await sorted('processing')).toEqual(['ON-ITS-WAY']);
    expect(await sorted('all')).toHaveLength(6);
    expect(await sorted('nonsense')).toHaveLength(6);
  });

  test('never shows drafts, voided invoices, or anybody else’s', async () => {
    const { merchant, issue, numbersAt } = await aList(engine);
    for (const [number, state] of [
      ['DRAFT', 'draft'],
      ['VOID', 'voided'],
    ] as const) {
      const { id } = await issue(number);
      await merchant.db.update('invoices').set({ state }).where('id', '=', id).execute();
    }
    const other = await createCustomer(merchant, { name: 'Somebody else' });
    await issue('THEIRS', { customerId: other.id });
    await issue('MINE');
    expect(await numbersAt('')).toEqual(['MINE']);
  });

  test('is filtered by a range of dates, both ends included', async () => {
    const { issue, numbersAt } = await aList(engine);
    for (const date of ['2026-09-30', '2026-10-01', '2026-10-31', '2026-11-01']) await issue(date, { date });
    expect(await numbersAt('?from=2026-10-01&until=2026-10-31')).toEqual(['2026-10-31', '2026-10-01']);
    expect(await numbersAt('?from=2026-10-31')).toEqual(['2026-11-01', '2026-10-31']);
    expect(await numbersAt('?until=2026-09-30')).toEqual(['2026-09-30']);
    expect(await numbersAt('?from=yesterday&until=2026-02-30')).toHaveLength(4);
  });

  test('is sorted by date, number, due date and total, either way, by links that say which way', async () => {
    const { issue, numbersAt, page } = await aList(engine);
    await issue('B', { date: '2026-10-03', dueDate: '2026-12-01', lines: costing('9.00') });
    await issue('C', { date: '2026-10-01', dueDate: undefined, lines: costing('10.00') });
    await issue('A', { date: '2026-10-02', dueDate: '2026-11-30', lines: costing('100.00') });
    for (const [sort, ascending] of [
      ['date', 'CAB'],
      ['number', 'ABC'],
      ['due_date', 'ABC'],
      ['total', 'BCA'],
    ] as const) {
      expect((await numbersAt(`?sort=${sort}&dir=asc`)).join(''), sort).toBe(ascending);
      const backwards = [...ascending].toReversed().join('');
      expect((await numbersAt(`?sort=${sort}&dir=desc`)).join(''), sort).toBe(backwards);
    }
    const html = await page('?sort=total');
    expect(html).toMatch(/aria-sort="descending">\s*<a href="\/invoices\?sort=total&(?:amp;|#38;)?dir=asc"/);
  });

  test('is turned in pages of the chosen size: nothing twice, nothing missing, though an invoice arrives in between', async () => {
    const { issue, page, visitor } = await aList(engine);
    const all = Array.from({ length: 23 }, (_, i) => `N-${String(i).padStart(2, '0')}`);
    // Equal dates: only the order of making tells them apart.
    for (const number of all) await issue(number, { date: '2026-10-01' });
    const seen: string[][] = [];
    let html = await page('?per=10');
    expect(textOf(html)).toContain('1–10 of 23');
    expect(choices(html)).toEqual(['10', '25', '50', '100']);
    for (;;) {
      seen.push(numbersOf(html));
      if (seen.length === 1) await issue('ARRIVED', { date: '2026-10-02' });
      const next = linkTo(html, 'next');
      if (!next) break;
      html = (await visitor.get(next)).text;
    }
    expect(seen.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(seen.flat()).toEqual(all.toReversed());
    for (const earlier of [seen[1], seen[0]]) {
      html = (await visitor.get(linkTo(html, 'prev')!)).text;
      expect(numbersOf(html)).toEqual(earlier);
    }
    expect(numbersOf(await page('?per=50'))).toHaveLength(24);
    expect(numbersOf(await page('?per=7'))).toHaveLength(24);
  });

  test('pages keep the filter and the order', async () => {
    const { issue, page, visitor } = await aList(engine);
    for (let i = 0; i < 12; i++) await issue(`Y-${i}`, { lines: costing(`${i + 1}.00`) });
    await issue('Z', { lines: costing('6.50') });
    const first = await page('?number=Y-&sort=total&dir=asc&per=10');
    const second = (await visitor.get(linkTo(first, 'next')!)).text;
    expect(numbersOf(second)).toEqual(['Y-10', 'Y-11']);
    expect(textOf(second)).toContain('11–12 of 12');
  });

  test('a page mark that is not ours is refused with a way back', async () => {
    const { issue, visitor } = await aList(engine);
    await issue('A');
    for (const mark of ['x', 'eyJ2IjoxfQ', 'A'.repeat(200), 'A'.repeat(400)]) {
      const answer = await visitor.get(`/invoices?page=${mark}`);
      expect([answer.status, textOf(answer.text).includes('Open the list again')], mark).toEqual([400, true]);
    }
  });

  test('the totals row is of everything that matches, not of the page, one for each currency', async () => {
    const { scope, issue, page } = await aList(engine);
    for (let i = 0; i < 12; i++) await issue(`E-${i}`, { lines: costing('10.01') });
    await pay(scope, [(await issue('E-PAID', { lines: costing('5.00') })).clientId], WORKING_CARD);
    await issue('F-1', { currency: 'CHF', lines: costing('7.00') });
    const totals = async (query: string) =>
      rowsOf(between(await page(query), '<tfoot', '</tfoot>')).map((cells) =>
        cells.filter((cell) => cell !== '').join(' | '),
      );
    expect((await totals('?per=10')).toSorted()).toEqual([
      'Total of 1 | Total of 1 CHF 7.00 | Balance CHF 7.00',
      'Total of 13 | Total of 13 €125.12 | Balance €120.12',
    ]);
    expect(await totals('?number=E-1')).toEqual(['Total of 3 | Total of 3 €30.03 | Balance €30.03']);
  });

  test('ticks are offered for what can be paid, and several are paid together by one form', async () => {
    const { scope, issue, page, visitor } = await aList(engine);
    const open = [await issue('OPEN-1'), await issue('OPEN-2'), await issue('OPEN-3')];
    await pay(scope, [(await issue('PAID')).clientId], WORKING_CARD);
    const form = /<form id="portal-selection"[\s\S]*?<\/form>/.exec(await page(''))![0];
    expect(form).toContain('action="/pay" method="get"');
    const boxes = [...form.matchAll(/<input[^>]*type="checkbox"[^>]*name="invoice"[^>]*value="(\w{24})"/g)];
    expect(boxes.map(([, id]) => id).toSorted()).toEqual(open.map(({ clientId }) => clientId).toSorted());
    const two = open.slice(0, 2).map(({ clientId }) => `invoice=${clientId}`);
    const paying = textOf((await visitor.get(`/pay?${two.join('&')}`)).text);
    expect(paying).toContain('Pay 2 invoices');
    expect(paying).not.toContain('OPEN-3');
  });

  test('each row has its PDF, and Pay where it can be paid', async () => {
    const { scope, issue, page, visitor } = await aList(engine);
    const open = await issue('OPEN');
    const paid = await issue('PAID');
    await pay(scope, [paid.clientId], WORKING_CARD);
    const rows = (await page('')).match(/<tr role="row">[\s\S]*?<\/tr>/g)!.slice(1);
    const actions = rows.map((row) => row.slice(row.indexOf('portal-acts')));
    const hrefs = actions.map((cell) => [...cell.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => href));
    expect(hrefs).toEqual([
      [`/invoices/${paid.clientId}/pdf`],
      [`/pay?invoice=${open.clientId}`, `/invoices/${open.clientId}/pdf`],
    ]);
    expect((await visitor.get(hrefs[0]![0]!)).headers['content-type']).toBe('application/pdf');
    expect(textOf((await visitor.get(hrefs[1]![0]!)).text)).toContain('Pay invoice OPEN');
  });

  test('a list without rows says why, and leads on', async () => {
    const { issue, page } = await aList(engine);
    expect(textOf(await page(''))).toContain('No invoices yet');
    await issue('A');
    const none = await page('?number=nope');
    expect(textOf(none)).toContain('No invoice matches');
    expect(none).toContain('href="/invoices"');
  });
});

async function aList(engine: (typeof ENGINES)[number]) {
  const open = await openPortal(engine);
  const merchant = await open.tenant();
  const customer = await createCustomer(merchant, { name: 'Müller & Söhne GmbH' });
  const visitor = await Visitor.signedIn(open, merchant, customer.id);
  const issue = (number: string, change: Partial<NewInvoice> = {}) =>
    issueOne(merchant, { customerId: customer.id, number, ...change });
  const page = async (query: string): Promise<string> => {
    const answer = await visitor.get(`/invoices${query}`);
    expect(answer.status, query).toBe(200);
    return answer.text;
  };
  const numbersAt = async (query: string) => numbersOf(await page(query));
  return { merchant, scope: customerScope(merchant, customer.id), visitor, issue, page, numbersAt };
}

function issueOne(merchant: MerchantScope, change: Partial<NewInvoice> & { customerId: number }) {
  const usual = { currency: 'EUR', date: '2026-11-01', dueDate: '2026-12-15', lines: costing('10.00') };
  return issueInvoice(merchant, { ...usual, ...change });
}

function costing(unitCost: string) {
  return [{ name: 'Coffee', unitCost }];
}

async function pay(
  scope: ReturnType<typeof customerScope>,
  ids: readonly string[],
  card: typeof WORKING_CARD,
): Promise<void> {
  const draft = await preparePayment(scope, ids);
  const seen = new Map(draft.invoices.map((invoice) => [invoice.clientId, invoice.left.minor]));
  await payInvoices(scope, { nonce: draft.nonce, seen, with: { kind: 'card', card } });
}

/** The invoice numbers of the rows, in their order. */
function numbersOf(html: string): string[] {
  return [...html.matchAll(/<a class="portal-doc" href="\/invoices\/\w{24}">([\s\S]*?)<\/a>/g)].map(
    ([, number = '']) => textOf(number),
  );
}

/** The sizes of a page that may be chosen. */
function choices(html: string): string[] {
  const select = between(html, '<select class="portal-input" id="field-per"', '</select>');
  return [...select.matchAll(/<option[^>]*>([\s\S]*?)<\/option>/g)].map(([, size = '']) => textOf(size));
}

function linkTo(html: string, rel: 'next' | 'prev'): string | undefined {
  const tag = html.match(/<a\b[^>]*>/g)!.find((text) => text.includes(`rel="${rel}"`));
  return tag && /href="([^"]*)"/.exec(tag)?.[1]?.replaceAll(/&#38;|&amp;/g, '&');
}
