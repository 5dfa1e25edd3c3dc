import type { Tokens } from './ids.ts';

/** How long to wait after failures, in ms. */
export interface Pauses {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * How long (ms) to wait after so many failures: twice as long each time, and a random part less, up to half of it, so that what failed together
 * does not come back together.
 */
export function backoff(failures: number, { firstMs, longestMs }: Pauses, tokens: Tokens): number {
  const whole = Math.min(firstMs * 2 ** Math.min(failures - 1, 30), longestMs);
  const chance = Buffer.from(tokens.bytes(2)).readUInt16BE() / 65_536;
  return Math.round(whole * (1 - chance / 2));
}
