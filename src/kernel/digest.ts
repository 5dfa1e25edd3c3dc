import { createHash } from 'node:crypto';

/** SHA-256 of a text as base64url (43 characters): how tokens and request contents are stored. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
