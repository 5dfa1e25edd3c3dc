import type { LimitRule } from '#src/portal/page.ts';

/** Whether it may happen now; when not, after how many whole seconds it may. */
export type LimitAnswer =
  { readonly allowed: true } | { readonly allowed: false; readonly retryAfterSeconds: number };

/** Counts actions by key. The built-in one lives in memory; several processes may share another. */
export interface RateLimiter {
  take(action: string, key: string, rule: LimitRule): LimitAnswer;
}

interface Bucket {
  tokens: number;
  at: number;
}

const ALLOWED: LimitAnswer = { allowed: true };

/**
 * Token buckets in memory. `now` answers milliseconds that never run backwards. At most `mostKeys` buckets are
 * kept; the least recently used go first, which can only forgive, never block.
 */
export function createRateLimiter(now: () => number, mostKeys = 50_000): RateLimiter {
  const buckets = new Map<string, Bucket>();
  return {
    take(action, key, rule) {
      const name = `${action} ${key}`;
      const bucket = refilled(buckets.get(name), rule, now());
      buckets.delete(name);
      buckets.set(name, bucket);
      forgetOldest(buckets, mostKeys);
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return ALLOWED;
      }
      const missing = ((1 - bucket.tokens) * rule.seconds) / rule.burst;
      return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(missing)) };
    },
  };
}

function refilled(bucket: Bucket | undefined, rule: LimitRule, now: number): Bucket {
  if (bucket === undefined) return { tokens: rule.burst, at: now };
  const elapsed = Math.max(0, now - bucket.at) / 1_000;
  bucket.tokens = Math.min(rule.burst, bucket.tokens + (elapsed * rule.burst) / rule.seconds);
  bucket.at = now;
  return bucket;
}

function forgetOldest(buckets: Map<string, Bucket>, mostKeys: number): void {
  if (buckets.size <= mostKeys) return;
  const oldest = buckets.keys().next().value;
  if (oldest !== undefined) buckets.delete(oldest);
}
