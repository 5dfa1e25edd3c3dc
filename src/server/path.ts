/** Longest request target that is looked at, in characters; longer ones are answered with 414. */
export const LONGEST_TARGET = 8_192;

const PLAIN = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@/%]*$/;
const QUERY = /^[\x21\x22\x24-\x7e]*$/;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;
const UNRESERVED = /^[A-Za-z0-9\-._~]$/;
/** Encoded slash, backslash, percent sign and controls: a second decoder could read another path from them. */
const DANGEROUS = /%(?:2f|5c|25|0[0-9a-f]|1[0-9a-f]|7f)/i;
const ESCAPE = /%([0-9a-f]{2})/gi;

/**
 * The path of a request target (`/path?query`), or undefined when the target is not in the one canonical form:
 * origin-form only, no empty or dot segments, no backslash, well-formed UTF-8 escapes, nothing encoded that need
 * not be, nothing encoded twice. Several decoders in a row then agree on what was asked for.
 */
export function canonicalPath(target: string): string | undefined {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  if (!PLAIN.test(path) || path.includes('//') || DOT_SEGMENT.test(path)) return undefined;
  if (mark !== -1 && !QUERY.test(target.slice(mark + 1))) return undefined;
  if (path.includes('%') && !hasCanonicalEscapes(path)) return undefined;
  return path;
}

function hasCanonicalEscapes(path: string): boolean {
  if (DANGEROUS.test(path)) return false;
  const needless = path
    .matchAll(ESCAPE)
    .some((escape) => UNRESERVED.test(String.fromCharCode(Number.parseInt(escape[1] ?? '', 16))));
  if (needless) return false;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** True when `path` is `prefix` itself or below it; `/pay` covers `/pay/42` but not `/payments`. */
export function isUnder(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return path.length === prefix.length || prefix.endsWith('/') || path.charCodeAt(prefix.length) === 47;
}
