/*
 * A portal whose gateway answers at once, with customers who have invoices and are signed in:
 *
 *   node test/bench/instant.ts CUSTOMERS INVOICES
 *
 * It tells its parent its port and what there is to pay, and serves until it is ended.
 */
import { testGateway } from '#src/adapters/test-gateway.ts';
import { createApp } from '#src/app.ts';
import { readConfig } from '#src/config.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { migrateDatabase } from '#src/database.ts';
import { issueInvoices } from '#src/documents/issue.ts';
import { startPortal } from '#src/server/portal.ts';
import { cookieName } from '#src/signin/cookie.ts';
import { createSessions } from '#src/signin/sessions.ts';
import { createTenant, openMerchant } from '#src/tenants/tenants.ts';

/** An invoice that somebody who is signed in may pay. */
export interface Payable {
  readonly cookie: string;
  readonly clientId: string;
  readonly minor: number;
}
export interface Served {
  readonly port: number;
  readonly host: string;
  readonly payables: readonly Payable[];
}

const MINOR = 1_250;
const [customers = 10, invoices = 10] = process.argv.slice(2).map(Number);
const app = await createApp(readConfig(), { gateways: { test: testGateway({ book: ':memory:' }) } });
await migrateDatabase(app);
const tenant = await createTenant(app.operator(), { username: 'bench', name: 'Bench GmbH', currency: 'EUR' });
const merchant = await openMerchant(app.operator(), tenant);
const sessions = createSessions(app.ports);
const payables: Payable[] = [];
for (let i = 0; i < customers; i++) {
  const email = `c${i}@example.com`;
  const { id } = await createCustomer(merchant, { name: `Customer ${i}`, email });
  const { token } = await sessions.issue(merchant, {
    email,
    customerId: id,
    scope: 'portal',
    method: 'magic_link',
    address: '127.0.0.1',
    browser: 'bench',
  });
  const lines = [{ name: 'Paper', unitCost: '0', amountMinor: MINOR }];
  const invoice = { customerId: id, currency: 'EUR', date: '2026-11-10', lines };
  const issued = await issueInvoices(
    merchant,
    Array.from({ length: invoices }, () => invoice),
  );
  const cookie = `${cookieName(tenant.origin, 'portal')}=${token}`;
  payables.push(...issued.map(({ clientId }) => ({ cookie, clientId, minor: MINOR })));
}
const portal = await startPortal(app, { port: 0, withWork: true });
const served: Served = { port: portal.port, host: new URL(tenant.origin).host, payables };
process.send?.(served);
process.once('disconnect', () => process.exit());
