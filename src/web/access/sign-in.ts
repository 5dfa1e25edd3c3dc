import { secretToken } from '#src/kernel/ids.ts';
import { clearCookie, readCookie, setCookie } from '#src/signin/cookie.ts';
import type { ProvenEmail } from '#src/signin/email-links.ts';
import type { MagicLink } from '#src/signin/magic-links.ts';
import type { NewSession } from '#src/signin/session.ts';
import type { PortalLocals } from '#src/locals.ts';
import { pageForId } from '#src/portal/page-ids.ts';
import { urls, withQuery } from '#src/portal/urls.ts';

/** How long (seconds) a browser stays bound to the sign-in mail that it asked for. */
const BINDING_SECONDS = 15 * 60;

/** The part of a page that signing in needs. Cookies travel in `locals.cookies`: the middleware puts them on whatever is answered. */
export interface SignInPage {
  readonly request: Request;
  readonly locals: PortalLocals;
}

/** The secret that binds a sign-in mail to this browser; absent when it asked for none. */
export function browserNonce({ request, locals }: SignInPage): string | undefined {
  return readCookie(request.headers.get('cookie') ?? undefined, locals.merchant.tenant.origin, 'signin')
    .value;
}

/**
 * Binds this browser to the mail that it is about to ask for, and answers the secret. One that asked before keeps its own: the first mail
 * may be the one that is opened.
 */
export function bindBrowser(page: SignInPage): string {
  const { merchant } = page.locals;
  const before = browserNonce(page);
  const nonce = before !== undefined && /^[\w-]{43}$/.test(before) ? before : secretToken(merchant.tokens);
  page.locals.cookies.push(setCookie(merchant.tenant.origin, 'signin', nonce, BINDING_SECONDS));
  return nonce;
}

/** Signs in whoever proved an address, and answers where to go on: one account leads to its page, several to the choice. */
export async function signInByEmail(page: SignInPage, proven: ProvenEmail): Promise<string> {
  const only = proven.accounts.length === 1 ? proven.accounts[0] : undefined;
  await begin(page, { email: proven.email, customerId: only?.customerId, method: proven.method });
  page.locals.cookies.push(clearCookie(page.locals.merchant.tenant.origin, 'signin'));
  return only ? pageForId(proven.page) : withQuery(urls.chooseAccount, { to: proven.page });
}

/** Signs in by a magic link that was checked and claimed. */
export async function signInByMagicLink(page: SignInPage, link: MagicLink): Promise<void> {
  const { email, customerId, keyId, issuer, hash } = link;
  await begin(page, { email, customerId, method: 'magic_link', keyId, issuer, link: hash });
}

/** Ends the session of this browser, here and in the database. */
export async function signOut(page: SignInPage): Promise<void> {
  const { merchant, sessions, session } = page.locals;
  if (session) await sessions.revoke(merchant, session, session.id);
  page.locals.cookies.push(clearCookie(merchant.tenant.origin, 'portal'));
}

async function begin(
  page: SignInPage,
  who: Pick<NewSession, 'email' | 'customerId' | 'method' | 'keyId' | 'issuer' | 'link'>,
): Promise<void> {
  const { merchant, sessions, session, clientAddress } = page.locals;
  const { token, maxAgeSeconds } = await sessions.issue(merchant, {
    ...who,
    scope: 'portal',
    address: clientAddress,
    browser: (page.request.headers.get('user-agent') ?? '').slice(0, 300),
    replaces: session?.id,
  });
  page.locals.cookies.push(setCookie(merchant.tenant.origin, 'portal', token, maxAgeSeconds));
}
