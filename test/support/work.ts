import type { LetterWriter } from '#src/outbox/dispatch.ts';
import type { MailTransport } from '#src/outbox/mail.ts';
import {
  askAttempt,
  askRefund,
  askSetup,
  dueAttempts,
  dueRefunds,
  dueSetups,
} from '#src/payments/news/reconcile.ts';
import { breakPromise, overduePromises } from '#src/payments/outside/broken-promises.ts';
import { dueNews, retryNews } from '#src/payments/news/webhooks.ts';
import type { MerchantScope } from '#src/scope.ts';
import { dueSignInRequests, handleSignInRequest } from '#src/signin/sign-in-mail.ts';
import { freeItems } from '#src/work/finding.ts';
import { mailing } from '#src/work/registry.ts';
import { runItem } from '#src/work/running.ts';

/* Single jobs of the background, done for one tenant by whoever calls. */

const MOST = 1000;

/** Asks the gateway about whatever has its time; answers how much came to an end. */
export async function reconcile(merchant: MerchantScope): Promise<number> {
  return (
    (await doEach(merchant, dueAttempts, askAttempt)) +
    (await doEach(merchant, dueRefunds, askRefund)) +
    (await doEach(merchant, dueSetups, askSetup))
  );
}

/** Marks promises whose day is over; answers how many. */
export function breakPromises(merchant: MerchantScope): Promise<number> {
  return doEach(merchant, overduePromises, breakPromise);
}

/** Tries parked news again; answers how many found what they are about. */
export function retryParked(merchant: MerchantScope): Promise<number> {
  return doEach(merchant, dueNews, retryNews);
}

/** Answers how many requests were handled. */
export function handleSignInRequests(merchant: MerchantScope): Promise<number> {
  return doEach(merchant, dueSignInRequests, handleSignInRequest);
}

/** Sends what is due of one tenant, as the background does: under leases. Answers how many messages left. */
export async function dispatchMail(
  merchant: MerchantScope,
  transport: MailTransport,
  writers: Readonly<Record<string, LetterWriter>>,
): Promise<number> {
  let sent = 0;
  for (const name of ['urgent_mail', 'mail'] as const) {
    const job = mailing(name, { transport, writers });
    for (const due of await freeItems(merchant, job, MOST, merchant.clock.now().epochMilliseconds)) {
      const ran = await runItem(merchant, merchant, job, due);
      if (typeof ran === 'object') sent += ran.done;
    }
  }
  return sent;
}

async function doEach(
  merchant: MerchantScope,
  due: (merchant: MerchantScope, most: number) => Promise<readonly string[]>,
  run: (merchant: MerchantScope, item: string) => Promise<boolean>,
): Promise<number> {
  let done = 0;
  for (const item of await due(merchant, MOST)) if (await run(merchant, item)) done += 1;
  return done;
}
