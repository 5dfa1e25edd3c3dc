import { setTimeout as sleep } from 'node:timers/promises';
import { tenantsWithWork } from '#db/due.ts';
import type { App } from './app.ts';
import { letterWriters } from './exports/letters.ts';
import { nowMs } from './kernel/time.ts';
import { dispatchMail } from './outbox/dispatch.ts';
import { reconcile } from './payments/reconcile.ts';
import { retryParked } from './payments/webhooks.ts';
import type { OperatorScope } from './scope.ts';
import { handleSignInRequests, sweepSignIn } from './signin/sign-in-mail.ts';
import type { Tenant } from './tenants/tenant.ts';
import { listTenants, openMerchant } from './tenants/tenants.ts';

/** What runs beside the requests: sign-in mails, the outbox, payments that nobody answered for, and sweeping up. */
export interface Work {
  /**
   * Looks for something to do a moment from now instead of at the next tick: once the answer of whoever kicks has left. How long an answer
   * takes must not tell what there was to do, nor wait for it.
   */
  kick(): void;
  /** Ends after what is under way. */
  stop(): Promise<void>;
}

export interface WorkOptions {
  /** Deletes what has ended, every ten minutes. */
  readonly sessions?: { sweep(): Promise<void> } | undefined;
  /** Milliseconds between two looks. */
  readonly everyMs?: number;
}

const EVERY_MS = 1000;
const ANSWER_LEAVES_MS = 100;
const SWEEP_EVERY_MS = 10 * 60_000;

/**
 * Starts the background work of this process. One round never overlaps the next; a round that fails is logged and tried again. Several
 * processes may run it on one database: rows are leased, and settling twice changes nothing.
 */
export function startWork(app: App, { everyMs = EVERY_MS, sessions }: WorkOptions = {}): Work {
  const stopping = new AbortController();
  let woken = Promise.withResolvers<void>();
  const pause = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal: stopping.signal }).catch(() => {});
  const loop = async (): Promise<void> => {
    let sweepAt = 0;
    while (!stopping.signal.aborted) {
      const now = performance.now();
      await attempt(app, () => workOnce(app));
      if (now >= sweepAt) {
        sweepAt = now + SWEEP_EVERY_MS;
        await attempt(app, () => sweepSignIn(app.operator('sweeper')));
        await attempt(app, async () => sessions?.sweep());
      }
      await Promise.race([pause(everyMs), woken.promise]);
      woken = Promise.withResolvers();
    }
  };
  const ended = loop();
  return {
    kick: () => void pause(ANSWER_LEAVES_MS).then(() => woken.resolve()),
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}

/** One round over everything that is due. Answers how many mails left and payments were settled. */
export async function workOnce(app: App): Promise<{ readonly sent: number; readonly settled: number }> {
  const { store, clock } = app.ports;
  const operator = app.operator('worker');
  const done = { sent: 0, settled: 0 };
  const due = await tenantsWithWork(store, nowMs(clock));
  if (due.size === 0) return done;
  for (const tenant of await listTenants(operator)) {
    if (!due.has(tenant.id)) continue;
    const { sent, settled } = await workFor(app, operator, tenant);
    done.sent += sent;
    done.settled += settled;
  }
  return done;
}

async function workFor(
  app: App,
  operator: OperatorScope,
  tenant: Tenant,
): Promise<{ sent: number; settled: number }> {
  const merchant = await openMerchant(operator, tenant);
  // Settling and sign-in requests come first: they queue mails.
  const settled = (await attempt(app, () => reconcile(merchant))) ?? 0;
  await attempt(app, () => retryParked(merchant));
  await attempt(app, () => handleSignInRequests(merchant));
  const sent = (await attempt(app, () => dispatchMail(merchant, app.ports.mail, letterWriters))) ?? 0;
  return { sent, settled };
}

/** One tenant's trouble must not stop the others' work. */
async function attempt<Answer>(app: App, work: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    app.ports.log.error('background work failed', { reason });
    return undefined;
  }
}
