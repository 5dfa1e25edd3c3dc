import { describe, expect, test } from 'vitest';
import {
  cleanTypedCode,
  clientId,
  secretToken,
  systemTokens,
  type Tokens,
  typedCode,
} from '#src/kernel/ids.ts';

function countLetters(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const letter of texts.join('')) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return counts;
}

describe('random names', () => {
  test('a client id has 24 characters of base62, a secret 43 of base64url, a code 6 without look-alikes', () => {
    for (let n = 0; n < 200; n++) {
      expect(clientId(systemTokens)).toMatch(/^[0-9A-Za-z]{24}$/);
      expect(secretToken(systemTokens)).toMatch(/^[\w-]{43}$/);
      expect(typedCode(systemTokens)).toMatch(/^[2-9A-HJKMNP-TV-Z]{6}$/);
    }
  });

  test('no random bytes are given out twice, however many are asked for at once', () => {
    const seen = new Set<string>();
    const counts = [16, 24, 32, 4095, 4096, 4097, 17];
    for (let n = 0; n < 280; n++) {
      const bytes = systemTokens.bytes(counts[n % counts.length]!);
      expect(bytes).toHaveLength(counts[n % counts.length]!);
      for (let at = 0; at + 16 <= bytes.length; at += 16) {
        const part = Buffer.from(bytes.subarray(at, at + 16)).toString('hex');
        expect(seen.has(part)).toBe(false);
        seen.add(part);
      }
      // What a caller does to its bytes is nobody else's matter.
      bytes.fill(7);
    }
  });

  test('every character is equally likely: bytes that would favour some are thrown away', () => {
    // 248 = 4 × 62 and 240 = 8 × 30: from there on a byte may not be used.
    for (const [make, fair] of [
      [clientId, 248],
      [typedCode, 240],
    ] as const) {
      const asked: number[] = [];
      const feed = [...Array(256).keys()].toReversed();
      const tokens: Tokens = {
        bytes: (count) => (asked.push(count), Uint8Array.from(feed.splice(0, count))),
      };
      const text = make(tokens);
      const skipped = 256 - fair;
      expect(asked.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(text.length + skipped);
    }
    const letters = countLetters(Array.from({ length: 4_000 }, () => clientId(systemTokens)));
    const expected = (4_000 * 24) / 62;
    const chiSquare = [...letters.values()].reduce(
      (sum, count) => sum + (count - expected) ** 2 / expected,
      0,
    );
    expect(letters.size).toBe(62);
    // 61 degrees of freedom: beyond 160 once in 10^10 runs.
    expect(chiSquare).toBeLessThan(160);
  });

  test('do not repeat', () => {
    const ids = Array.from({ length: 2_000 }, () => clientId(systemTokens));
    expect(new Set(ids).size).toBe(2_000);
    expect(new Set(Array.from({ length: 2_000 }, () => secretToken(systemTokens))).size).toBe(2_000);
  });

  test('a code is the same however it is typed', () => {
    for (const typed of ['ab3-9xk', ' AB3 9XK ', 'a b 3 9 x k', 'AB39XK', 'ab3\t9xk\n']) {
      expect(cleanTypedCode(typed)).toBe('AB39XK');
    }
  });
});
