/** Where random bytes come from; a cryptographic source except in tests. */
export interface Tokens {
  bytes(count: number): Uint8Array;
}

/** Random bytes are asked for so many at once: each asking costs more than a hundred bytes do. None is given out twice. */
const POOL = 4096;
let pool = new Uint8Array(0);

export const systemTokens: Tokens = {
  bytes: (count) => {
    if (count > POOL) return crypto.getRandomValues(new Uint8Array(count));
    if (count > pool.length) pool = crypto.getRandomValues(new Uint8Array(POOL));
    const taken = pool.slice(0, count);
    pool.fill(0, 0, count);
    pool = pool.subarray(count);
    return taken;
  },
};

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Without 0 O 1 I L U: nothing to mistake when typing, and no words. */
const TYPED = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 24 characters of base62 (142 bits): the part of a document's address that cannot be guessed. */
export function clientId(tokens: Tokens): string {
  return pick(tokens, BASE62, 24);
}

/** 32 random bytes as base64url (43 characters): links, keys, session secrets. */
export function secretToken(tokens: Tokens): string {
  return Buffer.from(tokens.bytes(32)).toString('base64url');
}

/** Six characters for a person to type, upper case, from an alphabet of 30 without look-alikes (29 bits). */
export function typedCode(tokens: Tokens): string {
  return pick(tokens, TYPED, 6);
}

/** What people type for a code, made comparable: upper case, without spaces and hyphens. */
export function cleanTypedCode(text: string): string {
  return text.toUpperCase().replace(/[\s-]/g, '');
}

function pick(tokens: Tokens, alphabet: string, length: number): string {
  // Bytes past the largest multiple of the alphabet are thrown away: every character is equally likely.
  const fair = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of tokens.bytes(length)) {
      if (byte < fair && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}
