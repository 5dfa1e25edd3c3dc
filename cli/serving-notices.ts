import type { App } from '#src/app.ts';
import type { Tenant } from '#src/tenants/tenant.ts';
import { listTenants } from '#src/tenants/tenants.ts';
import { urls } from '#src/portal/urls.ts';

/** What whoever starts the portal should know of how it is set up, one entry a line. `mailboxKey` opens the pages of the mailbox. */
export async function servingNotices(app: App, mailboxKey: string | undefined): Promise<string[]> {
  const { baseUrl, trustedProxies } = app.config;
  const notices = mailboxKey === undefined ? [] : mailNotices(await listTenants(app.operator()), mailboxKey);
  if (baseUrl.protocol !== 'https:' || trustedProxies.length > 0) return notices;
  return [
    ...notices,
    'WARNING: PORTAL_BASE_URL is https, so there is a proxy before the portal, but PORTAL_TRUSTED_PROXIES names none: all visitors count as one address, and one of them can use up the limits of all.',
    'Set PORTAL_TRUSTED_PROXIES to the address of the proxy, for example 127.0.0.1, and start again.',
  ];
}

/** Mail stays in the local mailbox: where it is read, and who misses it. */
function mailNotices(tenants: readonly Tenant[], key: string): string[] {
  const live = tenants.filter(({ mode }) => mode === 'live');
  const test = tenants.filter(({ mode }) => mode === 'test');
  const secure = test.filter(({ origin }) => origin.startsWith('https:'));
  const readable = test.find((tenant) => !secure.includes(tenant));
  const notices: string[] = [];
  if (readable) {
    notices.push(
      `Mail is kept, not sent. Read it at ${readable.origin}${urls.mailbox(key)} (the key opens the mailbox of every test tenant until the portal stops).`,
    );
  }
  if (secure.length > 0) {
    notices.push(
      `WARNING: No mail is sent. It stays in the local mailbox, which has no page at an https address: read the mail of ${namesOf(secure)} with “portal mail list”.`,
    );
  }
  if (live.length > 0) {
    notices.push(
      `WARNING: No mail is sent. It stays in the local mailbox, but ${namesOf(live)} is live: customers get no sign-in mails and no receipts.`,
    );
  }
  if (live.length + secure.length > 0) notices.push('Set PORTAL_MAIL to smtp or postmark and start again.');
  return notices;
}

function namesOf(tenants: readonly Tenant[]): string {
  const names = tenants.slice(0, 3).map(({ username }) => username);
  return `${names.join(', ')}${tenants.length > names.length ? ` and ${tenants.length - names.length} more` : ''}`;
}
