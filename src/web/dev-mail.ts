import { refuse } from '#src/kernel/errors.ts';
import type { PortalLocals } from '#src/locals.ts';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/**
 * The mailbox holds sign-in links, so its pages exist only where nobody else can look: mail is kept locally, the tenant is in test mode, and the
 * visitor is on this machine. Refuses `not_found` otherwise.
 */
export function assertMailboxVisible({ merchant, keepsMail, clientAddress }: PortalLocals): void {
  if (!keepsMail || merchant.tenant.mode !== 'test' || !LOOPBACK.test(clientAddress))
    refuse('not_found', { what: 'page' });
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
