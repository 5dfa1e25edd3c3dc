import { expect, test } from 'vitest';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import type { CustomerScope } from '#src/scope.ts';
import { cardSource, customerWithInvoices } from '#test/support/house.ts';
import { aGuest, send, TYPED_CARD } from '#test/support/pages.ts';
import { openPortal, textOf, Visitor } from '#test/support/portal.ts';

const NO_TAGS = ['xx_not-a-tag!', '', '-', 'de-', 'a'.repeat(300), '<script>'];

test('a customer whose language is no language tag sees every page, as the tenant’s language writes it', async () => {
  const { visitor, pages, speak } = await aGermanTenant();
  await speak(null);
  const seen = new Map<string, string>();
  for (const path of pages) {
    const answer = await visitor.get(path);
    expect(answer.status, path).toBe(200);
    seen.set(path, readable(answer.headers['content-type'], answer.text));
  }
  expect(seen.get('/')).toContain('1.254,50 €');
  for (const language of NO_TAGS) {
    await speak(language);
    for (const [path, text] of seen) {
      const answer = await visitor.get(path);
      expect(answer.status, `${language} ${path}`).toBe(200);
      expect(readable(answer.headers['content-type'], answer.text), `${language} ${path}`).toBe(text);
    }
  }
});

test('amounts are written as the customer writes them, in refusals too, and dates in English, as everything around them', async () => {
  const guest = await aGuest('sqlite', [123_450, 2_000], {
    'payments.partial': 'on',
    'payments.partial_minimum': '50.00',
  });
  const { merchant, visitor, invoices } = guest;
  await merchant.db.update('customers').set({ language: 'de' }).execute();
  const path = `/pay?invoice=${invoices[0]!.clientId}`;
  const card = { with: 'card', ...TYPED_CARD };
  for (const [part, said] of [
    ['1', 'The least that can be paid of invoice INV-0001 is 50,00 €.'],
    ['2000,00', 'Only 1.234,50 € is left to pay of invoice INV-0001.'],
  ] as const)
    expect(readable('text/html', (await send(visitor, path, '/pay', { ...card, part })).text)).toContain(
      said,
    );
  for (const page of ['/', '/invoices', path, `/invoices/${invoices[0]!.clientId}`, '/access']) {
    const shown = (await visitor.get(page)).text;
    expect(shown, page).toContain('<html lang="en-US" dir="ltr" data-language="de"');
    expect(shown, page).not.toMatch(/\d\. (Nov|Dez|Dezember)|heute|vor \d|jetzt/);
  }
  const text = textOf((await visitor.get(`/invoices/${invoices[0]!.clientId}`)).text);
  expect(text).toMatch(/1\.234,50.€ is due on 24 November 2026/);
});

test('amounts are read as the customer’s page writes them, whatever digits are typed', async () => {
  const { merchant, visitor, invoices } = await aGuest('sqlite', [25_000_000], { 'payments.partial': 'on' });
  await merchant.db.update('customers').set({ language: 'en-IN' }).execute();
  const path = `/pay?invoice=${invoices[0]!.clientId}`;
  expect(textOf((await visitor.get(path)).text)).toContain('€2,50,000.00');
  for (const part of ['1,25,000.00', '１２５０００', '१,२५,०००.००']) {
    const asked = await send(visitor, path, '/pay', { with: 'card', ...TYPED_CARD, part });
    expect(asked.status, part).toBe(409);
    expect(textOf(asked.text), part).toContain('€1,25,000.00');
  }
});

/** What is read of a page, with its language; of a file, that it is one. */
function readable(type: string | undefined, text: string): string {
  if (!type?.startsWith('text/html')) return type ?? '';
  return `${/<html[^>]* data-language="([^"]*)"/.exec(text)?.[1]}: ${textOf(text)}`;
}

async function aGermanTenant() {
  const open = await openPortal();
  const merchant = await open.tenant();
  await open.app.ports.store.kysely.updateTable('tenants').set({ language: 'de' }).execute();
  const { scope, invoices } = await customerWithInvoices(merchant, [123_450, 2_000, 3_000]);
  const [due, waits, paid] = invoices as [(typeof invoices)[0], (typeof invoices)[0], (typeof invoices)[0]];
  const attempt = await pay(scope, waits, '4000002760003184');
  const receipt = await pay(scope, paid);
  if (attempt.state !== 'action_required' || receipt.state !== 'succeeded') throw new Error('not so');
  const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
  const pages = [
    ['/', '/invoices', '/access', `/invoices/${due.clientId}`, `/invoices/${paid.clientId}`],
    [`/invoices/${due.clientId}/pdf`, `/pay?invoice=${due.clientId}`],
    [`/pay/attempts/${attempt.attemptId}/challenge`],
    [`/payments/${receipt.receipt}`, `/payments/${receipt.receipt}/pdf`],
  ].flat();
  const speak = async (language: string | null): Promise<void> => {
    await merchant.db.update('customers').set({ language }).execute();
  };
  return { visitor, pages, speak };
}

async function pay(scope: CustomerScope, invoice: { clientId: string; minor: number }, card?: string) {
  const { nonce } = await preparePayment(scope, [invoice.clientId]);
  return payInvoices(scope, {
    nonce,
    seen: new Map([[invoice.clientId, invoice.minor]]),
    with: cardSource(card),
    receiptEmail: 'petra@mueller.example',
  });
}
