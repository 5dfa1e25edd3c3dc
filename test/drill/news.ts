import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestGateway } from '#src/adapters/test-gateway.ts';
import type { GatewayEvent } from '#src/payments/gateways/gateway.ts';
import type { Dice } from './dice.ts';

/** Where the gateway of a drill sends its webhooks, and what time it thinks it is. */
export interface Addressees {
  /** Ports of the portals; empty while nobody is told anything. */
  readonly portals: readonly number[];
  /** The tenant's host. */
  readonly host: string;
  /** How far (ms) the gateway's clock is from the machine's. */
  readonly offset: number;
}

/** What becomes of a piece of news on its way. */
export type Fate = 'once' | 'never' | 'twice' | 'late' | 'old' | 'forged';

const TRIES = 3;

/**
 * Tells one of the portals what became of a charge, as networks do: now and then never, twice, late, with what was true before, or with a
 * signature that is not ours. Answers what became of it; throws when a forged one was taken in.
 */
export async function tellNews(
  gateway: TestGateway,
  { portals, host, offset }: Addressees,
  tenantId: number,
  attemptId: string,
  dice: Dice,
): Promise<Fate> {
  const fates: readonly Fate[] = [
    'once',
    'once',
    'once',
    'once',
    'never',
    'never',
    'twice',
    'late',
    'old',
    'forged',
  ];
  const fate = fates[dice(fates.length)]!;
  const reply = await gateway.lookup({ tenantId }, attemptId);
  if (fate === 'never' || !reply || portals.length === 0) return 'never';
  const event: GatewayEvent = { id: `evt_${attemptId}_${reply.state}`, about: 'attempt', attemptId, reply };
  const before: GatewayEvent = {
    id: `evt_${attemptId}_before`,
    about: 'attempt',
    attemptId,
    reply: { state: 'processing', gatewayPaymentId: `test_${attemptId}`, methodLabel: 'Card' },
  };
  const send = async (what: GatewayEvent): Promise<number> => {
    const { headers, body } = gateway.webhook(tenantId, what, Date.now() + offset);
    if (fate === 'forged') headers['x-test-signature'] = `${headers['x-test-signature']}`.replace(/.$/, 'z');
    return post(portals[dice(portals.length)]!, host, headers, body);
  };
  if (fate === 'late') await sleep(500 + dice(3000));
  if (fate === 'forged') {
    if ((await send(event)) === 200) throw new Error(`a forged webhook about ${attemptId} was taken in`);
    return fate;
  }
  // A gateway tries again while nobody says that the news has arrived.
  let arrived = false;
  for (let tries = 0; tries < TRIES && !arrived; tries++) {
    if (tries > 0) await sleep(dice(400));
    arrived = (await send(event)) === 200;
  }
  if (!arrived) return 'never';
  if (fate === 'twice') await send(event);
  if (fate === 'old') await send(before);
  return fate;
}

/** The status of the answer; 0 where there was none. */
function post(port: number, host: string, headers: object, body: Uint8Array): Promise<number> {
  return new Promise((resolve) => {
    const all = { ...headers, host, 'content-type': 'application/json', 'content-length': body.length };
    const path = '/webhooks/test';
    const options = {
      host: '127.0.0.1',
      port,
      method: 'POST',
      path,
      headers: all,
      agent: false,
      timeout: 8000,
    };
    const sent = request(options, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', () => resolve(0));
    });
    sent.on('error', () => resolve(0));
    sent.on('timeout', () => sent.destroy());
    sent.end(body);
  });
}
