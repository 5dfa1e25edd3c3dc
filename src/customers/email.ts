import { domainToASCII, domainToUnicode } from 'node:url';
import { refuse } from '#src/kernel/errors.ts';

/** RFC 5321 §4.5.3.1: octets of the local part and of the whole address. */
const LONGEST_LOCAL = 64;
const LONGEST = 254;
// An atom of RFC 5322 with the letters, marks and digits of RFC 6531, without which real addresses of real people are refused.
const ATOM = "[\\p{L}\\p{M}\\p{N}!#$%&'*+/=?^_`{|}~-]+";
const LOCAL = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`, 'u');
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/**
 * One address in the one form that is stored and compared: lower case, an international domain in its ASCII form (RFC 5891).
 * The grammar is strict: no quoted local parts, comments, groups, lists, address literals or display names (RFC 5322 allows them,
 * and mail libraries disagree about them), and letters that merely look like others are refused, not folded. Refuses `bad_email`.
 */
export function canonicalEmail(text: string): string {
  const address = text.trim();
  const at = address.lastIndexOf('@');
  const local = address.slice(0, Math.max(at, 0));
  const domain = asciiDomain(address.slice(at + 1));
  const canonical = `${local.toLowerCase()}@${domain}`;
  const fits = octets(local) <= LONGEST_LOCAL && octets(canonical) <= LONGEST;
  // What changes under normalisation (ligatures, full-width letters, the Kelvin sign) is a look-alike of another address.
  const isPlain = LOCAL.test(local) && local.normalize('NFKC') === local;
  if (!fits || domain === undefined || !isPlain) refuse('bad_email', { email: shorten(text) });
  return canonical;
}

/** The address as one shows it to somebody who may not know it: `n•••@c•••.com`. */
export function maskEmail(canonical: string): string {
  const at = canonical.lastIndexOf('@');
  const dot = canonical.lastIndexOf('.');
  return `${Array.from(canonical)[0]}•••@${canonical.slice(at + 1, at + 2)}•••${canonical.slice(dot)}`;
}

function asciiDomain(text: string): string | undefined {
  const ascii = /^[\u0021-\u007e]*$/.test(text) ? text.toLowerCase() : internationalDomain(text);
  return ascii !== undefined && DOMAIN.test(ascii) ? ascii : undefined;
}

function internationalDomain(text: string): string | undefined {
  if (text.normalize('NFKC') !== text || text.length > LONGEST) return undefined;
  const domain = text.toLowerCase();
  const ascii = domainToASCII(domain);
  return domainToUnicode(ascii) === domain ? ascii : undefined;
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function octets(text: string): number {
  return Buffer.byteLength(text);
}
