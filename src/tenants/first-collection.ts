import type { MerchantDb, ScopedRow } from '#db/scoped.ts';
import { startOfDayMs } from '#src/kernel/time.ts';
import type { MerchantScope } from '#src/scope.ts';
import { SETTINGS } from './settings-catalogue.ts';

/*
 * When AutoPay collects an invoice first, if it does: `invoices.first_at`. It follows from the day on which the invoice is due and the days that the
 * merchant waits, so it is written with the invoice and moved, in the same transaction, when either changes.
 */

/** Nothing is collected sooner than this (ms) after it was issued. */
const AFTER_ISSUE_MS = 3_600_000;
/** What is issued within one such span (ms) is collected at the same moment, and so by one charge. */
const SAME_MOMENT_MS = 15 * 60_000;
const AT_ONCE = 500;

/** What an invoice says of it. */
type Dated = Pick<ScopedRow<'invoices'>, 'date' | 'due_date' | 'sent_at' | 'created_at'>;

/** Epoch ms: the start of the day it is due, some days later where the merchant waits, and never within the hour after it was issued: at a full quarter then. */
export type FirstMoment = (customerId: number, invoice: Dated) => number;

/** Reads the days that a merchant waits, in the caller's transaction: for these customers, or for all. */
export async function readFirstMoment(
  { db, tenant }: Pick<MerchantScope, 'db' | 'tenant'>,
  customerIds?: readonly number[],
): Promise<FirstMoment> {
  const ofTenant = await tenantsDelay(db);
  const own = await ownDelays(db, customerIds);
  return (customerId, invoice) => {
    const days = own.get(customerId) ?? ofTenant;
    const date = Temporal.PlainDate.from(invoice.due_date ?? invoice.date).add({ days });
    const earliest = (invoice.sent_at ?? invoice.created_at) + AFTER_ISSUE_MS;
    const quarter = Math.ceil(earliest / SAME_MOMENT_MS) * SAME_MOMENT_MS;
    return Math.max(startOfDayMs(date.toString(), tenant.timeZone), quarter);
  };
}

async function tenantsDelay(db: MerchantDb): Promise<number> {
  const { schema, fallback } = SETTINGS['autopay.delay_days'];
  const query = db.from('settings').select('value').where('key', '=', 'autopay.delay_days');
  const row = await query.executeTakeFirst();
  return row ? (schema.safeParse(row.value).data ?? fallback) : fallback;
}

async function ownDelays(
  db: MerchantDb,
  customerIds: readonly number[] | undefined,
): Promise<ReadonlyMap<number, number>> {
  const query = db
    .from('customers')
    .select(['id', 'autopay_delay_days'])
    .where('autopay_delay_days', '>=', 0);
  const rows = await (customerIds ? query.where('id', 'in', customerIds) : query).execute();
  return new Map(rows.map(({ id, autopay_delay_days: days }) => [id, days!]));
}

/**
 * Sets `first_at` of the tenant's invoices anew, in the caller's transaction: of all, of one customer or of one invoice. Paid ones too: a payment may be
 * taken back.
 */
export async function moveFirstMoments(
  merchant: Pick<MerchantScope, 'db' | 'tenant'>,
  only: { readonly customerId?: number; readonly invoiceId?: number } = {},
): Promise<void> {
  const firstMoment = await readFirstMoment(merchant);
  let query = merchant.db
    .from('invoices')
    .select(['id', 'customer_id', 'date', 'due_date', 'sent_at', 'created_at', 'first_at'])
    .where('state', '=', 'issued');
  if (only.customerId !== undefined) query = query.where('customer_id', '=', only.customerId);
  if (only.invoiceId !== undefined) query = query.where('id', '=', only.invoiceId);
  const moved = (await query.execute())
    .map((row) => ({ id: row.id, before: row.first_at, after: firstMoment(row.customer_id, row) }))
    .filter(({ before, after }) => before !== after);
  for (const [first_at, own] of Map.groupBy(moved, ({ after }) => after)) {
    const ids = own.map(({ id }) => id);
    for (let i = 0; i < ids.length; i += AT_ONCE)
      await merchant.db
        .update('invoices')
        .set({ first_at })
        .where('id', 'in', ids.slice(i, i + AT_ONCE))
        .execute();
  }
}
