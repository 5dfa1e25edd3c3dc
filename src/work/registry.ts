import { tenantsWithCollections, tenantsWithDue, type DueSource } from '#db/due.ts';
import type { App } from '../app.ts';
import { letterWriters } from '../exports/letters.ts';
import { deliverMail, dueMail, giveUpMail, type Post, postponeMail, reviveMail } from '../outbox/dispatch.ts';
import { collectDue } from '../payments/collecting/autopay.ts';
import { dueExpiryWarnings, warnOfExpiry } from '../payments/collecting/expiring-cards.ts';
import {
  askAttempt,
  askRefund,
  askSetup,
  dueAttempts,
  dueRefunds,
  dueSetups,
} from '../payments/news/reconcile.ts';
import { dueNews, retryNews } from '../payments/news/webhooks.ts';
import { breakPromise, overduePromises } from '../payments/outside/broken-promises.ts';
import { dueSignInRequests, handleSignInRequest } from '../signin/sign-in-mail.ts';
import type { MerchantScope } from '../scope.ts';
import type { Job } from './job.ts';

const MINUTE_MS = 60_000;
/** What a tenant collects before the others have their turn. */
const COLLECTED_AT_ONCE = 25;

/** Every job of the installation. What asks before what mails: answers queue mails. */
export function jobsOf(app: App): readonly Job[] {
  const post: Post = { transport: app.ports.mail, writers: letterWriters };
  return [
    onRows('sign_in', 'sign-in', 'signInRequests', dueSignInRequests, handleSignInRequest),
    { ...onRows('attempt', 'gateways', 'attempts', dueAttempts, askAttempt), counts: 'settled' },
    { ...onRows('refund', 'gateways', 'refunds', dueRefunds, askRefund), counts: 'settled' },
    { ...onRows('setup', 'gateways', 'setups', dueSetups, askSetup), counts: 'settled' },
    onRows('news', 'gateways', 'news', dueNews, retryNews),
    onRows('promise', 'records', 'promises', overduePromises, breakPromise),
    onRows('card_expiry', 'records', 'expiringCards', dueExpiryWarnings, warnOfExpiry),
    collecting,
    mailing('urgent_mail', post),
    mailing('mail', post),
  ];
}

/** A job whose items are rows that say by themselves when they are due. */
function onRows(
  name: string,
  lane: Job['lane'],
  source: DueSource,
  due: (merchant: MerchantScope, most: number) => Promise<readonly string[]>,
  run: (merchant: MerchantScope, item: string) => Promise<boolean>,
): Job {
  return {
    name,
    lane,
    timeoutMs: 2 * MINUTE_MS,
    tenants: (store, now) => tenantsWithDue(store, source, now),
    due: async (merchant, most) => (await due(merchant, most)).map((item) => ({ item })),
    run: async (merchant, item) => Number(await run(merchant, item)),
  };
}

/** AutoPay and payment plans of a tenant, some at a time. */
const collecting: Job = {
  name: 'collect',
  lane: 'collecting',
  counts: 'collected',
  timeoutMs: 20 * MINUTE_MS,
  tenants: tenantsWithCollections,
  due: () => Promise.resolve([{ item: 'due' }]),
  run: async (merchant) => {
    const collected = await collectDue({ ...merchant, actor: 'autopay' }, { most: COLLECTED_AT_ONCE });
    return collected.filter(({ outcome }) => outcome.state !== 'waiting').length;
  },
};

/** Mail that somebody waits for, or the rest. Longer than a transport may take by itself. */
export function mailing(name: 'urgent_mail' | 'mail', post: Post): Job {
  const urgent = name === 'urgent_mail';
  return {
    name,
    lane: urgent ? 'urgent mail' : 'mail',
    counts: 'sent',
    timeoutMs: 3 * MINUTE_MS,
    tenants: (store, now) => tenantsWithDue(store, urgent ? 'urgentMail' : 'mail', now),
    due: async (merchant, most) =>
      (await dueMail(merchant, urgent, most)).map(({ id, about }) => ({ item: String(id), about })),
    run: async (merchant, item, turn) => Number(await deliverMail(merchant, Number(item), turn, post)),
    keeping: {
      postpone: (merchant, item, ms) => postponeMail(merchant, Number(item), ms),
      giveUp: (merchant, item) => giveUpMail(merchant, Number(item)),
      revive: (merchant, item) => reviveMail(merchant, Number(item)),
    },
  };
}
