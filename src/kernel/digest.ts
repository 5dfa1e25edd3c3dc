import { createHash } from 'node:crypto';

/** Stands where a used link's digest would: every link that works once and was made up to then counts as used. No digest looks like it. */
export const EVERY_LINK = '*';

/** SHA-256 of a text as base64url (43 characters): how tokens and request contents are stored. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
