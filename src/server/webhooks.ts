import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Refusal } from '#src/kernel/errors.ts';
import type { DirectRoute } from './exchange.ts';
import type { FrontResponse } from './front-response.ts';
import type { LimitRule } from '#src/portal/page.ts';
import { canonicalPath } from './path.ts';
import { problemJson } from './problems.ts';
import type { ServedTenant } from './tenant-finder.ts';

const PREFIX = '/webhooks';
const MOST_BYTES = 1_048_576;
/** A gateway says in a burst what happened while it could not reach us; who forges is refused by the signature. */
const OFTEN: LimitRule = { burst: 6_000, seconds: 60 };

interface WebhookDoor {
  /** Epoch ms by the clock that the gateways live by, not by a tenant's test clock. */
  readonly now: () => number;
  /** Looks for background work, for the mails that the news may have queued. */
  readonly kick: () => void;
}

/**
 * `POST /webhooks/{gateway}` on a tenant's own address. The bytes go to the gateway as they came; cookies mean nothing here. Answers 200 once the
 * news is taken in (or was before), 400 for what its signature does not vouch for, 404 for a gateway that is none, and 503 while the database
 * is busy or 500 for everything else, upon which a gateway tries again.
 */
export function webhookRoute({ now, kick }: WebhookDoor): DirectRoute<ServedTenant> {
  return {
    prefix: PREFIX,
    methods: ['POST'],
    bodyCap: MOST_BYTES,
    limit: OFTEN,
    cookieBlind: true,
    json: true,
    handle: async (request, response, { tenant, facts, body }) => {
      const headers = singleHeaders(request.headers);
      // Loaded with the first webhook: the portal starts without it.
      const { receiveWebhook } = await import('#src/payments/news/webhooks.ts');
      try {
        await receiveWebhook(tenant.merchant, gatewayIn(request), { headers, body, now: now() });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        noteForOperators(tenant, error, facts.requestId);
        return answerRefusal(response, error, facts.requestId);
      }
      kick();
      response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      response.end('{"received":true}\n');
    },
  };
}

/** What stands after `/webhooks/`. */
function gatewayIn({ url = '' }: IncomingMessage): string {
  return (canonicalPath(url) ?? '').slice(PREFIX.length + 1);
}

const STATUSES: Readonly<Record<string, number>> = { bad_webhook: 400, busy: 503 };

/** Whoever set the gateway up reads here what the answer leaves out. */
function noteForOperators(
  { merchant }: ServedTenant,
  { code, message, hint }: Refusal,
  incident: string,
): void {
  const { log, tenant } = merchant;
  log.warn('a webhook was refused', {
    tenant: tenant.username,
    incident,
    code,
    reason: `${message} ${hint}`,
  });
}

function answerRefusal(response: FrontResponse, refusal: Refusal, requestId: string): void {
  const { title, message, hint } = refusal.publicly;
  const status = STATUSES[refusal.code] ?? 404;
  response.writeHead(status, { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' });
  response.end(problemJson({ status, title, message, hint, requestId }));
}

/** Headers by name; a repeated one joined as Node joins it, so that a signature sent twice is none. */
function singleHeaders(headers: IncomingHttpHeaders): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]));
}
