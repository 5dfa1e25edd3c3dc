import { nowMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { customerScope, type MerchantScope, transact } from '../../scope.ts';
import type { GatewayEvent } from '../gateways/gateway.ts';
import { reopenFailed } from '../attempts/retries.ts';
import { hasDefault } from './methods.ts';

export type InstrumentNews = Omit<Extract<GatewayEvent, { readonly about: 'instrument' }>, 'id'>;

/** States in the order in which they follow one another: news of an earlier one changes nothing. */
const RANK = { verifying: 0, usable: 1, failed: 2, removed: 3 } as const;

/**
 * Takes in what a gateway says of a saved instrument, in any order and any number of times: a bank account that was confirmed can be used (and
 * is the default where there is none, which makes due again what could not be collected), one that failed or was removed can not. Answers whether the instrument is here.
 */
export function settleInstrument(
  merchant: MerchantScope,
  gateway: string,
  news: InstrumentNews,
): Promise<boolean> {
  return transact(merchant, async (within) => {
    const method = await within.db
      .from('payment_methods')
      .select(['id', 'customer_id', 'state'])
      .where('gateway', '=', gateway)
      .where('gateway_id', '=', news.gatewayId)
      .executeTakeFirst();
    if (!method) return false;
    if (RANK[news.state] <= RANK[method.state]) return true;
    const scope = customerScope(within, method.customer_id);
    const now = nowMs(scope.clock);
    const isDefault = news.state === 'usable' && !(await hasDefault(scope));
    await scope.db
      .update('payment_methods')
      .set({
        state: news.state,
        updated_at: now,
        ...(news.state === 'usable'
          ? { is_default: isDefault ? (1 as const) : (0 as const) }
          : { is_default: 0 as const, failure_reason: news.reason ?? null }),
        ...(news.state === 'removed' ? { removed_at: now } : {}),
      })
      .where('id', '=', method.id)
      .execute();
    if (isDefault) await reopenFailed(scope);
    await recordEvent(scope, EVENTS[news.state], {}, { method: method.id, reason: news.reason });
    return true;
  });
}

const EVENTS = {
  usable: 'payment_method.verified',
  failed: 'payment_method.failed',
  removed: 'payment_method.removed',
} as const;
