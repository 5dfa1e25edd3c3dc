import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { App } from '../app.ts';
import type { Config } from '../config.ts';
import type { Work } from '../work.ts';

/** What the thread is told. */
export type Order = 'kick' | 'stop';

/** The configuration in a form that threads can pass on. */
export type SentConfig = Omit<Config, 'baseUrl' | 'stripeUrl'> &
  Record<'baseUrl' | 'stripeUrl', string | undefined>;

const AGAIN_MS = 1000;

/**
 * Starts the background work in a thread of its own. What it does for one address and not for another (a sign-in mail is looked up, worded
 * and sent) then takes no time from the thread that answers requests, so that nobody learns from answers which addresses are known. A thread
 * that fails is logged and started again.
 */
export function startWorkAway({ config, ports }: Pick<App, 'config' | 'ports'>): Work {
  const stopping = new AbortController();
  let thread: Worker | undefined;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  const tell = (order: Order): void => thread?.postMessage(order);
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData: sentConfig(config) });
      const reason = await endOf(thread);
      if (stopping.signal.aborted) return;
      ports.log.error('the background work ended and is started again', { reason });
      await sleep(AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const ended = run();
  return {
    kick: () => tell('kick'),
    stop: () => {
      stopping.abort();
      tell('stop');
      return ended;
    },
  };
}

/** The configuration as it was before `startWorkAway` sent it. */
export function configFrom({ baseUrl, stripeUrl, ...sent }: SentConfig): Config {
  return {
    ...sent,
    baseUrl: new URL(baseUrl ?? ''),
    stripeUrl: stripeUrl === undefined ? undefined : new URL(stripeUrl),
  };
}

function sentConfig({ baseUrl, stripeUrl, ...config }: Config): SentConfig {
  return { ...config, baseUrl: baseUrl.href, stripeUrl: stripeUrl?.href };
}

/** Waits for the end of a thread, and answers what ended it. */
function endOf(thread: Worker): Promise<string> {
  return new Promise((resolve) => {
    let reason = '';
    thread.once(
      'error',
      (error) => (reason = error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
    thread.once('exit', (code) => resolve(reason || `exit code ${code}`));
  });
}
