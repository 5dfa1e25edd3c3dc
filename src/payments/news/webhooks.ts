import { refuse } from '../../kernel/errors.ts';
import { money } from '../../kernel/money.ts';
import { nowMs } from '../../kernel/time.ts';
import { customerScope, type MerchantScope, transact } from '../../scope.ts';
import { settleDispute } from '../returning/disputes.ts';
import type { GatewayEvent, SetupReply, WebhookRequest } from '../gateways/gateway.ts';
import { accountAt, gatewayNamed } from '../gateways/gateways.ts';
import { settleInstrument } from '../methods/instruments.ts';
import { settleSetup } from '../methods/setups.ts';
import { FIRST_LOOK_MS, pauseAfter } from '../attempts/looks.ts';
import { settleRefundElsewhere } from '../returning/elsewhere.ts';
import { settleRefund } from '../returning/refunds.ts';
import { settle } from '../taking/settle.ts';

/** News about something that is still not here after this long (ms) is given up: it was never ours. */
const GIVE_UP_AFTER_MS = 3 * 86_400_000;

/**
 * Takes in a webhook of a gateway: checks its signature, then settles each piece of news in one transaction with the mark that it was taken in,
 * so that the same news twice has one effect. What it is about may not be here yet; such news is parked, and tried again by `retryNews`.
 * Refuses `no_gateway`, `test_gateway_live` and `bad_webhook`, with nothing written.
 */
export async function receiveWebhook(
  merchant: MerchantScope,
  gatewayName: string,
  request: Pick<WebhookRequest, 'headers' | 'body' | 'now'>,
): Promise<void> {
  if (!Object.hasOwn(merchant.gateways, gatewayName)) refuse('no_gateway');
  if (gatewayName === 'test' && merchant.tenant.mode !== 'test') refuse('test_gateway_live');
  const gateway = gatewayNamed(merchant, gatewayName);
  const events = await gateway.readWebhook({ ...request, account: accountAt(merchant) });
  const scope = { ...merchant, actor: `gateway:${gatewayName}` };
  for (const event of events) await receive(scope, gatewayName, event);
}

/** What names the parked news whose time has come, the longest waiting first. */
export async function dueNews({ db, clock }: MerchantScope, most: number): Promise<string[]> {
  const due = db.from('gateway_events').select(['gateway', 'id']).where('look_at', '<=', nowMs(clock));
  const rows = await due.orderBy('look_at').limit(most).execute();
  return rows.map(({ gateway, id }) => `${gateway}/${id}`);
}

/** Tries again what was parked. Answers whether it found what it is about. */
export function retryNews(merchant: MerchantScope, news: string): Promise<boolean> {
  const [gateway = '', ...rest] = news.split('/');
  const scope = { ...merchant, actor: `gateway:${gateway}` };
  return transact(scope, (within) => retry(within, gateway, rest.join('/')));
}

function receive(merchant: MerchantScope, gateway: string, event: GatewayEvent): Promise<void> {
  return transact(merchant, async (within) => {
    const now = nowMs(within.clock);
    const isNew = await within.db.insertNew('gateway_events', {
      gateway,
      id: event.id,
      type: event.about,
      received_at: now,
    });
    if (!isNew) return;
    const isHandled = await takeIn(within, gateway, event);
    await within.db
      .update('gateway_events')
      .set(
        isHandled
          ? { outcome: 'handled', handled_at: now }
          : { outcome: 'parked', payload: JSON.stringify(event), look_at: now + FIRST_LOOK_MS },
      )
      .where('gateway', '=', gateway)
      .where('id', '=', event.id)
      .execute();
  });
}

async function retry(merchant: MerchantScope, gateway: string, id: string): Promise<boolean> {
  const now = nowMs(merchant.clock);
  const row = await merchant.db
    .from('gateway_events')
    .select(['payload', 'received_at', 'looks'])
    .where('gateway', '=', gateway)
    .where('id', '=', id)
    .where('look_at', '<=', now)
    .executeTakeFirst();
  // Another process may have tried it a moment ago.
  if (!row) return false;
  const isHandled = await takeIn(merchant, gateway, JSON.parse(row.payload ?? '{}') as GatewayEvent);
  const isHopeless = !isHandled && now - row.received_at >= GIVE_UP_AFTER_MS;
  if (isHopeless) merchant.log.warn('news of a gateway is about nothing that is here', { gateway, id });
  await merchant.db
    .update('gateway_events')
    .set(
      isHandled || isHopeless
        ? { outcome: isHandled ? 'handled' : 'given up', handled_at: now, payload: null, look_at: null }
        : { look_at: now + pauseAfter(row.looks), looks: row.looks + 1 },
    )
    .where('gateway', '=', gateway)
    .where('id', '=', id)
    .execute();
  return isHandled;
}

/** Settles what the news is about. Answers whether that is here. */
async function takeIn(merchant: MerchantScope, gateway: string, event: GatewayEvent): Promise<boolean> {
  switch (event.about) {
    case 'attempt': {
      const owner = await ownerOf(merchant, 'payment_attempts', 'id', event.attemptId, gateway);
      if (owner) await settle(owner, event.attemptId, event.reply);
      return owner !== undefined;
    }
    case 'setup':
      return takeInSetup(merchant, gateway, event);
    case 'refund': {
      const owner = await ownerOf(merchant, 'refunds', 'nonce', event.refundId, gateway);
      if (owner) await settleRefund(owner, event.refundId, event.reply);
      return owner !== undefined;
    }
    case 'refund_elsewhere': {
      const { minor, currency } = event.amount;
      return settleRefundElsewhere(merchant, gateway, { ...event, amount: money(minor, currency) });
    }
    case 'dispute': {
      const { minor, currency } = event.amount;
      return settleDispute(merchant, gateway, { ...event, amount: money(minor, currency) });
    }
    case 'instrument':
      return settleInstrument(merchant, gateway, event);
    case 'nothing':
      return true;
  }
}

/** A setup may be here, the instrument that came of it, or both: an account that two deposits confirm is kept before it can be used. */
async function takeInSetup(
  merchant: MerchantScope,
  gateway: string,
  { setupId, gatewayId, reply }: Extract<GatewayEvent, { about: 'setup' }>,
): Promise<boolean> {
  const owner = await ownerOf(merchant, 'method_setups', 'id', setupId, gateway);
  if (owner) await settleSetup(owner, setupId, reply);
  const state = stateAfter(reply);
  if (!gatewayId || !state) return owner !== undefined;
  const reason = reply.state === 'declined' ? reply.message : undefined;
  const isHere = await settleInstrument(merchant, gateway, { about: 'instrument', gatewayId, state, reason });
  return isHere || owner !== undefined;
}

function stateAfter(reply: SetupReply): 'usable' | 'failed' | undefined {
  if (reply.state === 'declined') return 'failed';
  return reply.state === 'saved' && reply.instrument.state === 'usable' ? 'usable' : undefined;
}

/** The customer whose attempt, setup or refund at this gateway it is. */
async function ownerOf(
  merchant: MerchantScope,
  table: 'payment_attempts' | 'method_setups' | 'refunds',
  column: 'id' | 'nonce',
  value: string,
  gateway: string,
) {
  const row = await merchant.db
    .from(table)
    .select('customer_id')
    .where(column, '=', value)
    .where('gateway', '=', gateway)
    .executeTakeFirst();
  return row && customerScope(merchant, row.customer_id);
}
