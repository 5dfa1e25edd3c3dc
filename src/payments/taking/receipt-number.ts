import type { CustomerScope, MerchantScope } from '../../scope.ts';

/** The next number of the tenant's receipts: `R-00001`. In the caller's transaction, so that none is missing. */
export async function nextReceiptNumber(scope: MerchantScope | CustomerScope): Promise<string> {
  return `R-${String(await scope.db.nextNumber('payments')).padStart(5, '0')}`;
}

/**
 * Numbers a payment that stood under another unique text until here. The last that its transaction does: from here until it ends every other payment
 * of the tenant waits for its number, so that numbers have no gaps and are seen in their order.
 */
export async function numberReceipt(scope: CustomerScope, paymentId: number): Promise<void> {
  const number = await nextReceiptNumber(scope);
  await scope.db.update('payments').set({ number }).where('id', '=', paymentId).execute();
}
