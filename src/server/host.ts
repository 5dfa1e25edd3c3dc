/** What a Host header says: the lower-case host name without port. */
export type HostReading = { readonly ok: true; readonly name: string } | { readonly ok: false };

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const HOST = new RegExp(`^(${LABEL}(?:\\.${LABEL})*|\\[[0-9a-f:.]{2,45}\\])(?::([0-9]{1,5}))?$`);
const UNREADABLE: HostReading = { ok: false };

/**
 * Reads a Host header strictly: letters, digits and hyphens (RFC 952/1123), an optional port up to 65535, at most
 * 253 characters. User info, trailing dots, underscores, white space, lists and international letters are refused.
 */
export function readHost(header: string | undefined): HostReading {
  if (header === undefined || header.length > 259) return UNREADABLE;
  const match = HOST.exec(header.toLowerCase());
  const name = match?.[1];
  if (name === undefined || name.length > 253 || Number(match?.[2] ?? 0) > 65_535) return UNREADABLE;
  return { ok: true, name };
}

/** True when the request carried more than one header of this lower-case name; Node keeps only the first Host. */
export function isRepeated(rawHeaders: readonly string[], name: string): boolean {
  let seen = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at];
    if (header?.length === name.length && header.toLowerCase() === name) seen += 1;
  }
  return seen > 1;
}
