import type { Step } from '#src/components/models.ts';
import { longDate } from '#src/kernel/format.ts';
import { brokenPromises } from '#src/payments/outside/broken-promises.ts';
import { OUTSIDE } from '../paying/promise-words.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/** What My Account says where money was promised and its day has passed. */
export async function promiseSteps({ scope, account, language }: Visitor): Promise<Step[]> {
  if (account.role === 'viewer') return [];
  const broken = await brokenPromises(scope);
  const byCurrency = Map.groupBy(broken, ({ currency }) => currency);
  return [...byCurrency.values()].map((promises) => {
    const [{ number, method, expectedDate }] = promises as [(typeof promises)[number]];
    const [what, when] =
      promises.length === 1
        ? [number, `You expected it to arrive by ${longDate(expectedDate, language)}.`]
        : [`${promises.length} invoices`, 'The days on which you expected it are over.'];
    return {
      icon: 'bank',
      tone: 'warn',
      title: `We have not seen your ${OUTSIDE[method]} for ${what}`,
      text: `${when} If it is under way, tell us a new day.`,
      action: { label: 'Tell us', href: urls.promise(promises.map(({ clientId }) => clientId)) },
    };
  });
}
