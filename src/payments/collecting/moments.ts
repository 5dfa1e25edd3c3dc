import type { ScopedRow } from '#db/scoped.ts';
import { startOfDayMs } from '../../kernel/time.ts';
import type { CustomerScope, MerchantScope } from '../../scope.ts';

/** Nothing is collected sooner than this (ms) after it was issued. */
const AFTER_ISSUE_MS = 3_600_000;
/** What is issued within one such span (ms) is collected at the same moment, and so by one charge. */
const SAME_MOMENT_MS = 15 * 60_000;

/** When (epoch ms) an invoice is collected first: the start of the day it is due, some days later where the merchant waits, and never within the hour after it was issued: at a full quarter then. */
export function firstMoment(
  { settings, tenant }: CustomerScope | MerchantScope,
  row: Pick<ScopedRow<'invoices'>, 'date' | 'due_date' | 'sent_at' | 'created_at'> & {
    readonly autopay_delay_days: number | null;
  },
): number {
  const own = row.autopay_delay_days;
  const days = own === null || own < 0 ? settings['autopay.delay_days'] : own;
  const date = Temporal.PlainDate.from(row.due_date ?? row.date).add({ days });
  const earliest = (row.sent_at ?? row.created_at) + AFTER_ISSUE_MS;
  const quarter = Math.ceil(earliest / SAME_MOMENT_MS) * SAME_MOMENT_MS;
  return Math.max(startOfDayMs(date.toString(), tenant.timeZone), quarter);
}
