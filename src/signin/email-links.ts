import { timingSafeEqual } from 'node:crypto';
import { canonicalEmail, maskEmail } from '#src/customers/email.ts';
import { sha256 } from '#src/kernel/digest.ts';
import { refuse } from '#src/kernel/errors.ts';
import { cleanTypedCode } from '#src/kernel/ids.ts';
import { nowMs } from '#src/kernel/time.ts';
import { type MerchantScope, transact } from '#src/scope.ts';
import { type Account, accountsOf } from './accounts.ts';
import { isWithin, type Limit } from './limits.ts';
import { isPageId } from '#src/portal/page-ids.ts';

/** How long a sign-in mail works, in seconds. */
export const EMAIL_LINK_SECONDS = 900;
/** For each address, whether anybody has it or not. */
const REQUESTS: Limit = { action: 'sign_in_request', most: 20, seconds: 3600 };
const MOST_TRIES = 5;
/** Of those that one browser asked for, as many of the newest count. */
const MOST_MAILS = 10;
const CODE_SEAL = 'sign_in_code';

export interface EmailLinkRequest {
  /** As typed. */
  readonly email: string;
  /** The value of this browser's `signin` cookie: what the link is bound to. */
  readonly browserNonce: string;
  /** A page id; anything else leads home. */
  readonly redirectTo?: string | undefined;
  /** Client address, for the mail. */
  readonly address: string;
  readonly language?: string | undefined;
}

/** What the page behind a mailed link shows before anything happens. */
export interface EmailLinkView {
  readonly maskedEmail: string;
  /** Another browser asked for the mail: the code in it must be typed besides. */
  readonly needsCode: boolean;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** The address is proven: whom it may sign in as, and where to. There is at least one account. */
export interface ProvenEmail {
  readonly email: string;
  readonly accounts: readonly Account[];
  readonly method: 'email_link' | 'email_code';
  /** The id of the page that was asked for; undefined for home. */
  readonly page: string | undefined;
}

/**
 * Notes that somebody wants a sign-in mail. The same writes for every address, known or not: who the address belongs to is looked up
 * later, by `handleSignInRequests`. More than twenty an hour for one address leave nothing. Refuses `bad_email` for what no address looks like.
 */
export async function requestEmailLink(merchant: MerchantScope, request: EmailLinkRequest): Promise<void> {
  const row = {
    email_canonical: canonicalEmail(request.email),
    browser_hash: browserHash(merchant, request.browserNonce),
    redirect_to: isPageId(request.redirectTo) ? request.redirectTo : null,
    address: request.address.slice(0, 64),
    language: request.language?.slice(0, 35) ?? null,
    state: 'requested' as const,
    requested_at: nowMs(merchant.clock),
  };
  await transact(merchant, async (within) => {
    if (!(await isWithin(within, REQUESTS, row.email_canonical))) return;
    const id = await within.db.nextId('signin_requests');
    await within.db.insert('signin_requests', { id, ...row });
  });
}

/** For the GET of a mailed link; mail scanners come here too, so it writes nothing. Refuses `link_invalid`, `link_used`, `link_expired`, `code_spent`. */
export async function viewEmailLink(
  merchant: MerchantScope,
  token: string,
  browserNonce: string | undefined,
): Promise<EmailLinkView> {
  const link = await findByToken(merchant, token);
  const needsCode = !isSameBrowser(merchant, link, browserNonce);
  if (needsCode && link.tries >= MOST_TRIES) refuse('code_spent');
  return { maskedEmail: maskEmail(link.email_canonical), needsCode, expiresAt: link.expires_at };
}

/**
 * For the POST of that page. The browser that asked signs in by the click; any other must give the code as well. However many try at
 * once, one gets it. Refuses `link_invalid`, `link_used`, `link_expired`, `code_wrong`, `code_spent` and `link_unknown_customer`.
 */
export async function consumeEmailLink(
  merchant: MerchantScope,
  token: string,
  proof: { readonly browserNonce?: string | undefined; readonly code?: string | undefined },
): Promise<ProvenEmail> {
  const link = await findByToken(merchant, token);
  if (!isSameBrowser(merchant, link, proof.browserNonce)) await checkCode(merchant, [link], proof.code ?? '');
  return consume(merchant, link, 'email_link');
}

/**
 * Signs in by the code alone, in the browser that asked: by that of any mail that it asked for and that is still valid. A wrong one counts
 * against each of those mails. An address that nobody has behaves the same. Refuses `code_wrong`, `code_spent` and `link_unknown_customer`.
 */
export async function consumeCode(
  merchant: MerchantScope,
  { browserNonce, code }: { readonly browserNonce: string; readonly code: string },
): Promise<ProvenEmail> {
  const links = await merchant.db
    .from('email_links')
    .select(COLUMNS)
    .where('browser_hash', '=', browserHash(merchant, browserNonce))
    .orderBy('created_at', 'desc')
    .orderBy('request_id', 'desc')
    .limit(MOST_MAILS)
    .execute();
  if (links.length === 0) return refuse('code_wrong');
  const now = nowMs(merchant.clock);
  const valid = links.filter(({ used_at, expires_at }) => used_at === null && expires_at > now);
  return consume(merchant, await checkCode(merchant, valid, code), 'email_code');
}

/** What is kept of a browser's nonce. */
function browserHash({ tenant }: MerchantScope, nonce: string): string {
  return sha256(`browser:${tenant.id}:${nonce}`);
}

/** What is kept of a mailed token. */
export function tokenHash({ tenant }: MerchantScope, token: string): string {
  return sha256(`email_link:${tenant.id}:${token}`);
}

/** What is kept of a code: its hash, sealed, since six characters could be guessed from a bare hash. */
export function sealCode({ secrets, tenant }: MerchantScope, hashOfToken: string, code: string): string {
  return secrets.seal(CODE_SEAL, tenant.id, sha256(`${hashOfToken}:${code}`));
}

const COLUMNS = [
  ...(['token_hash', 'request_id', 'email_canonical', 'browser_hash', 'code_hash', 'tries'] as const),
  ...(['redirect_to', 'expires_at', 'used_at'] as const),
];

type EmailLink = Awaited<ReturnType<typeof findByToken>>;

async function findByToken(merchant: MerchantScope, token: string) {
  if (!/^[\w-]{43}$/.test(token)) refuse('link_invalid');
  const link = await merchant.db
    .from('email_links')
    .select(COLUMNS)
    .where('token_hash', '=', tokenHash(merchant, token))
    .executeTakeFirst();
  if (!link) return refuse('link_invalid');
  if (link.used_at !== null) refuse('link_used');
  if (link.expires_at <= nowMs(merchant.clock)) refuse('link_expired');
  return link;
}

function isSameBrowser(
  merchant: MerchantScope,
  link: { browser_hash: string },
  nonce: string | undefined,
): boolean {
  return nonce !== undefined && isEqual(browserHash(merchant, nonce), link.browser_hash);
}

/**
 * The link whose code was typed. Each try is counted before it is judged, and outside any transaction: a refusal does not take the count back.
 */
async function checkCode(
  merchant: MerchantScope,
  links: readonly EmailLink[],
  typed: string,
): Promise<EmailLink> {
  const code = cleanTypedCode(typed);
  if (code === '') refuse('code_wrong');
  const counted = await countTry(merchant, links);
  if (counted.length === 0) refuse('code_spent');
  const { secrets, tenant } = merchant;
  const fits = counted.filter(({ token_hash, code_hash }) =>
    isEqual(sha256(`${token_hash}:${code}`), secrets.open(CODE_SEAL, tenant.id, code_hash)),
  );
  return fits[0] ?? refuse('code_wrong');
}

/** Counts a try against each link, and answers those that had one left. */
async function countTry({ db }: MerchantScope, links: readonly EmailLink[]): Promise<EmailLink[]> {
  if (links.length === 0) return [];
  const hashes = links.map(({ token_hash }) => token_hash);
  const counted = await db
    .update('email_links')
    .set((eb) => ({ tries: eb('tries', '+', 1) }))
    .where('token_hash', 'in', hashes)
    .where('tries', '<', MOST_TRIES)
    .where('used_at', 'is', null)
    .returning('token_hash')
    .execute();
  return links.filter((link) => counted.some(({ token_hash }) => token_hash === link.token_hash));
}

async function consume(
  merchant: MerchantScope,
  link: EmailLink,
  method: 'email_link' | 'email_code',
): Promise<ProvenEmail> {
  const now = nowMs(merchant.clock);
  const { numUpdatedRows } = await merchant.db
    .update('email_links')
    .set({ used_at: now })
    .where('token_hash', '=', link.token_hash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 1n) refuse('link_used');
  const accounts = await accountsOf(merchant, link.email_canonical);
  if (accounts.length === 0) refuse('link_unknown_customer');
  return { email: link.email_canonical, accounts, method, page: link.redirect_to ?? undefined };
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
