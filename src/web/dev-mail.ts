import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '#src/kernel/digest.ts';
import { refuse } from '#src/kernel/errors.ts';
import type { PortalLocals } from '#src/locals.ts';

/**
 * The mailbox holds sign-in links, so its pages open only to the key that serving prints, and only where mail is kept locally and the tenant
 * is in test mode at a plain address. Where a request comes from proves nothing: behind a proxy of this machine everybody comes from here.
 * Answers the key. Refuses `not_found` otherwise.
 */
export function assertMailboxVisible({ merchant, mailboxKey }: PortalLocals, asked: URLSearchParams): string {
  const { mode, origin } = merchant.tenant;
  const isPublic = mode !== 'test' || origin.startsWith('https:');
  if (mailboxKey === undefined || isPublic || !isSame(asked.get('key') ?? '', mailboxKey))
    return refuse('not_found', { what: 'page' });
  return mailboxKey;
}

export interface TextPiece {
  readonly text: string;
  /** A path of this portal that the piece leads to. */
  readonly href?: string;
}

/** The text of a mail with the links to this portal made clickable; every other address stays text. */
export function linked(text: string, origin: string): TextPiece[] {
  return text.split(/(https?:\/\/[^\s<>"]+)/).map((piece) => {
    return piece.startsWith(`${origin}/`)
      ? { text: piece, href: piece.slice(origin.length) }
      : { text: piece };
  });
}

function isSame(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));
}
