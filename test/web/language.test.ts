import { expect, test } from 'vitest';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import type { CustomerScope } from '#src/scope.ts';
import { cardSource, customerWithInvoices } from '#test/support/house.ts';
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

/** What is read of a page, with its language; of a file, that it is one. */
function readable(type: string | undefined, text: string): string {
  if (!type?.startsWith('text/html')) return type ?? '';
  return `${/<html[^>]* lang="([^"]*)"/.exec(text)?.[1]}: ${textOf(text)}`;
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
