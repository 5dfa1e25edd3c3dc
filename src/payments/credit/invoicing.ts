import { invoiceFromEstimate, type InvoiceTerms } from '../../documents/estimate-invoice.ts';
import { issueInvoice, type NewInvoice } from '../../documents/issue.ts';
import type { IssuedDocument } from '../../documents/numbering.ts';
import { refuse } from '../../kernel/errors.ts';
import { customerScope, type MerchantScope, transact } from '../../scope.ts';
import { useAllCredit, useBalance } from './credit-uses.ts';
import { depositLeft } from './holds.ts';

/**
 * Issues an invoice and, where the merchant's setting says so, has the customer's open credit pay it, in one transaction. Refuses what
 * `issueInvoice` refuses.
 */
export function issueAndApply(merchant: MerchantScope, invoice: NewInvoice): Promise<IssuedDocument> {
  return transact(merchant, async (within) => {
    const issued = await issueInvoice(within, invoice);
    await applyToNew(within, invoice.customerId, [issued.id]);
    return issued;
  });
}

/**
 * Makes an approved estimate into an invoice. The deposit that was paid for it pays it, then by the merchant's setting the customer's other
 * credit; all in one transaction. Refuses what `invoiceFromEstimate` refuses.
 */
export function invoiceEstimate(
  merchant: MerchantScope,
  estimateId: number,
  terms: InvoiceTerms = {},
): Promise<IssuedDocument> {
  return transact(merchant, async (within) => {
    const estimate = await within.db
      .from('estimates')
      .select('customer_id')
      .where('id', '=', estimateId)
      .executeTakeFirst();
    if (!estimate) return refuse('not_found', { what: 'estimate' });
    const scope = customerScope(within, estimate.customer_id);
    const deposit = await depositLeft(scope, estimateId);
    const issued = await invoiceFromEstimate(within, estimateId, terms);
    await useBalance(scope, issued.id, deposit);
    await applyToNew(within, estimate.customer_id, [issued.id]);
    return issued;
  });
}

/** Has a customer's open credit pay their new invoices, where the merchant's setting says so, in the caller's transaction. */
export async function applyToNew(
  merchant: MerchantScope,
  customerId: number,
  invoiceIds: readonly number[],
): Promise<void> {
  if (!merchant.settings['credits.automatic']) return;
  await useAllCredit(customerScope(merchant, customerId), invoiceIds);
}
