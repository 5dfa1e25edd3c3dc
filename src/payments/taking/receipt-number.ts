import type { CustomerScope, MerchantScope } from '../../scope.ts';

/** The next number of the tenant's receipts: `R-00001`. In the caller's transaction, so that none is missing. */
export async function nextReceiptNumber(scope: MerchantScope | CustomerScope): Promise<string> {
  return `R-${String(await scope.db.nextNumber('payments')).padStart(5, '0')}`;
}
