import { domainToASCII, domainToUnicode } from 'node:url';
import { refuse } from '#src/kernel/errors.ts';

/** RFC 5321 §4.5.3.1: octets of the local part and of the whole address. */
const LONGEST_LOCAL = 64;
const LONGEST = 254;
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/**
 * One address in the one form that is stored and compared: lower case, an international domain in its ASCII form (RFC 5891).
 * The grammar is strict: no quoted local parts, comments, groups, lists, address literals or display names (RFC 5322 allows them,
 * and mail libraries disagree about them), and letters that merely look like others are refused, not folded. Refuses `bad_email`.
 */
export function canonicalEmail(text: string): string {
  const address = text.trim();
  const at = address.lastIndexOf('@');
  const local = address.slice(0, Math.max(at, 0)).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const domain = asciiDomain(address.slice(at + 1));
  const canonical = `${local}@${domain}`;
  const fits = local.length <= LONGEST_LOCAL && canonical.length <= LONGEST;
  if (!fits || domain === undefined || !LOCAL.test(local)) refuse('bad_email', { email: shorten(text) });
  return canonical;
}

/** The address as one shows it to somebody who may not know it: `n•••@c•••.com`. */
export function maskEmail(canonical: string): string {
  const at = canonical.lastIndexOf('@');
  const dot = canonical.lastIndexOf('.');
  return `${canonical.slice(0, 1)}•••@${canonical.slice(at + 1, at + 2)}•••${canonical.slice(dot)}`;
}

function asciiDomain(text: string): string | undefined {
  const domain = text.toLowerCase();
  const ascii = /^[\u0021-\u007e]*$/.test(domain) ? domain : internationalDomain(domain);
  return ascii !== undefined && DOMAIN.test(ascii) ? ascii : undefined;
}

function internationalDomain(domain: string): string | undefined {
  // What changes under normalisation (ligatures, full-width letters) is a look-alike of another domain.
  if (domain.normalize('NFKC') !== domain || domain.length > LONGEST) return undefined;
  const ascii = domainToASCII(domain);
  return domainToUnicode(ascii) === domain ? ascii : undefined;
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
