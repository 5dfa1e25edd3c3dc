import { setTimeout as sleep } from 'node:timers/promises';
import { tenantsWithCollections, tenantsWithWork } from '#db/due.ts';
import type { App } from './app.ts';
import { letterWriters } from './exports/letters.ts';
import { nowMs } from './kernel/time.ts';
import { dispatchMail } from './outbox/dispatch.ts';
import { collectDue } from './payments/collecting/autopay.ts';
import { warnOfExpiry } from './payments/collecting/expiring-cards.ts';
import { breakPromises } from './payments/outside/promises.ts';
import { reconcile } from './payments/news/reconcile.ts';
import { retryParked } from './payments/news/webhooks.ts';
import type { OperatorScope } from './scope.ts';
import { handleSignInRequests, sweepSignIn } from './signin/sign-in-mail.ts';
import type { Tenant } from './tenants/tenant.ts';
import { listTenants, openMerchant } from './tenants/tenants.ts';

/** What runs beside the requests: sign-in mails, the outbox, payments that nobody answered for, what AutoPay and plans collect, sweeping up. */
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
/** Collections begin with a day: seconds do not matter, and looking for them reads more than looking for mail. */
const COLLECT_EVERY_MS = 10_000;
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
    let collectAt = 0;
    let sweepAt = 0;
    while (!stopping.signal.aborted) {
      const now = performance.now();
      const collects = now >= collectAt;
      if (collects) collectAt = now + COLLECT_EVERY_MS;
      await attempt(app, () => workOnce(app, { collects }));
      if (now >= sweepAt) {
        sweepAt = now + SWEEP_EVERY_MS;
        await attempt(app, () => sweepSignIn(app.operator('sweeper')));
        await attempt(app, async () => sessions?.sweep());
        await attempt(app, () => app.ports.store.tune());
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

/** What one round did: mails that left, payments that were settled, tries of AutoPay and payment plans. */
export interface WorkDone {
  readonly sent: number;
  readonly settled: number;
  readonly collected: number;
}

/** One round over everything that is due; AutoPay and payment plans among it unless told otherwise. */
export async function workOnce(
  app: App,
  { collects = true }: { readonly collects?: boolean } = {},
): Promise<WorkDone> {
  const { store, clock } = app.ports;
  const operator = app.operator('worker');
  const done = { sent: 0, settled: 0, collected: 0 };
  const due = new Set(await tenantsWithWork(store, nowMs(clock)));
  if (collects) for (const id of await tenantsWithCollections(store, nowMs(clock))) due.add(id);
  if (due.size === 0) return done;
  for (const tenant of await listTenants(operator)) {
    if (!due.has(tenant.id)) continue;
    const { sent, settled, collected } = await workFor(app, operator, tenant, collects);
    done.sent += sent;
    done.settled += settled;
    done.collected += collected;
  }
  return done;
}

async function workFor(
  app: App,
  operator: OperatorScope,
  tenant: Tenant,
  collects: boolean,
): Promise<WorkDone> {
  const merchant = await openMerchant(operator, tenant);
  // Settling, collecting and sign-in requests come first: they queue mails.
  const settled = (await attempt(app, () => reconcile(merchant))) ?? 0;
  await attempt(app, () => retryParked(merchant));
  await attempt(app, () => breakPromises(merchant));
  await attempt(app, () => warnOfExpiry(merchant));
  const collected = collects
    ? await attempt(app, () => collectDue({ ...merchant, actor: 'autopay' }))
    : undefined;
  await attempt(app, () => handleSignInRequests(merchant));
  const sent = (await attempt(app, () => dispatchMail(merchant, app.ports.mail, letterWriters))) ?? 0;
  const tried = collected?.filter(({ outcome }) => outcome.state !== 'waiting').length ?? 0;
  return { sent, settled, collected: tried };
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
