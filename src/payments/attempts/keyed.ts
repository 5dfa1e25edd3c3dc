import { sha256 } from '../../kernel/digest.ts';
import { refuse } from '../../kernel/errors.ts';
import { nowMs } from '../../kernel/time.ts';
import { type MerchantScope, transact } from '../../scope.ts';

/** What a merchant tells one order from another by, when it may come again. */
export interface Keyed {
  /** The merchant's own: the same key is the same order for ever. Without one, every order is a new one. */
  readonly key?: string | undefined;
}

/**
 * Does what is ordered in one transaction, and under a key of the merchant only once: the same key answers (as plain data) what it did the first
 * time. Keys of different kinds of orders (`kind`) are apart. Refuses `key_reused` when something else was ordered (`order`: plain data) under
 * the key.
 */
export function doOnce<Answer extends object>(
  merchant: MerchantScope,
  kind: 'payment' | 'credit_adjustment',
  { key, ...order }: Keyed,
  work: (within: MerchantScope) => Promise<Answer>,
): Promise<Answer> {
  return transact(merchant, async (within) => {
    if (key === undefined) return work(within);
    const name = `${kind}:${key}`;
    const hash = sha256(JSON.stringify(order, sortedKeys));
    const earlier = await within.db
      .from('idempotency_keys')
      .select(['request_hash', 'response'])
      .where('key', '=', name)
      .executeTakeFirst();
    if (earlier && earlier.request_hash !== hash) refuse('key_reused', { key });
    if (earlier?.response) return JSON.parse(earlier.response) as Answer;
    const answer = await work(within);
    await within.db.insert('idempotency_keys', {
      key: name,
      request_hash: hash,
      response: JSON.stringify(answer),
      created_at: nowMs(within.clock),
    });
    return answer;
  });
}

/** For `JSON.stringify`: the same data is the same text, in whatever order its fields were given. */
function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
