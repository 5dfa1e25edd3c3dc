import { expect } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import type { RefusalCode } from '#src/kernel/errors.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import type { CustomerScope, MerchantScope } from '#src/scope.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import { cardSource, type House } from './house.ts';
import { fingerprintOf } from './mirror.ts';

/** Every promise about the money, as `portal db check` verifies them, holds. */
export async function expectSoundBooks({ app }: Pick<House, 'app'>): Promise<void> {
  const broken = (await checkDatabase(app.ports.store)).filter(({ violations }) => violations.length > 0);
  expect(broken).toEqual([]);
}

/** The work is refused with this code, and not one byte of the tenant's rows is different afterwards. */
export async function refusedWithoutTrace(
  house: House,
  { tenant }: MerchantScope | CustomerScope,
  code: RefusalCode,
  work: () => Promise<unknown>,
): Promise<void> {
  const before = await fingerprintOf(house, tenant.id);
  await expect(work()).rejects.toMatchObject({ name: 'Refusal', code });
  expect(await fingerprintOf(house, tenant.id)).toBe(before);
}

/** What the customer's postings add up to, by account: minor units, debit positive. */
export async function ledgerSums(scope: CustomerScope): Promise<Record<string, number>> {
  const rows = await scope.db.from('postings').select(['account', 'amount_minor']).execute();
  const sums: Record<string, number> = {};
  for (const row of rows) sums[row.account] = (sums[row.account] ?? 0) + row.amount_minor;
  return sums;
}

/** The tenant with other settings. */
export async function withSettings(
  { app }: House,
  merchant: MerchantScope,
  settings: Readonly<Record<string, string>>,
): Promise<MerchantScope> {
  for (const [name, value] of Object.entries(settings)) await setSetting(merchant, name, value);
  return openMerchant(app.operator(), merchant.tenant);
}

/** Pays an invoice wholly by card, and answers the payment's row. */
export async function paid(scope: CustomerScope, clientId: string, receiptEmail?: string) {
  const { nonce, invoices } = await preparePayment(scope, [clientId]);
  const seen = new Map(invoices.map((invoice) => [invoice.clientId, invoice.left.minor]));
  const { state, attemptId } = await payInvoices(scope, { nonce, seen, with: cardSource(), receiptEmail });
  expect(state).toBe('succeeded');
  return scope.db.from('payments').selectAll().where('attempt_id', '=', attemptId).executeTakeFirstOrThrow();
}

export function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) =>
    permutations(items.filter((_, at) => at !== i)).map((rest) => [item, ...rest]),
  );
}
