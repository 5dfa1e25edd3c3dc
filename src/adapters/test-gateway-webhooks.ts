import { createHmac, timingSafeEqual } from 'node:crypto';
import { refuse } from '../kernel/errors.ts';
import { money } from '../kernel/money.ts';
import type { GatewayEvent, WebhookRequest } from '../payments/gateways/gateway.ts';

const TOLERANCE_MS = 300_000;

/** What webhooks are signed with where the gateway and the portal share no installation's secret: in tests. */
const SHARED = 'the webhook secret of test gateways that stand alone';

/** A webhook request as the test gateway sends it: signed with the tenant's own secret, at that time (epoch ms). */
export function signedWebhook(
  tenantId: number,
  event: GatewayEvent,
  atMs: number,
  secret = SHARED,
): { headers: Record<string, string>; body: Uint8Array } {
  const body = Buffer.from(JSON.stringify(event));
  return { headers: { 'x-test-signature': `${atMs}.${signature(secret, tenantId, atMs, body)}` }, body };
}

/** Refuses `bad_webhook` for one that is forged, stale or unreadable. */
export function readSignedWebhook(
  { account, headers, body, now }: WebhookRequest,
  secret = SHARED,
): GatewayEvent {
  const header = headers['x-test-signature'] ?? '';
  const [, at = '', sent = ''] = /^(\d{1,15})\.([0-9a-f]{64})$/.exec(header) ?? [];
  const expected = signature(secret, account.tenantId, Number(at), body);
  if (sent.length !== expected.length || !timingSafeEqual(Buffer.from(sent), Buffer.from(expected)))
    return refuse('bad_webhook', { reason: 'its signature is not right' });
  if (Math.abs(now - Number(at)) > TOLERANCE_MS) return refuse('bad_webhook', { reason: 'it is too old' });
  try {
    const event = JSON.parse(Buffer.from(body).toString()) as GatewayEvent;
    return event.about === 'dispute'
      ? { ...event, amount: money(event.amount.minor, event.amount.currency) }
      : event;
  } catch {
    return refuse('bad_webhook', { reason: 'it is not readable' });
  }
}

function signature(secret: string, tenantId: number, atMs: number, body: Uint8Array): string {
  return createHmac('sha256', `${secret} of tenant ${tenantId}`)
    .update(`${atMs}.`)
    .update(body)
    .digest('hex');
}
