import { hasInvoices, openInvoices } from '#src/documents/invoices.ts';
import { refuse } from '#src/kernel/errors.ts';
import type { CustomerScope } from '#src/scope.ts';

/** Whoever asks to pay everything that is open is told how it stands when nothing is. Refuses `all_paid` and `nothing_invoiced`. */
export async function assertSomethingOpen(scope: CustomerScope, chosen: readonly string[]): Promise<void> {
  if (chosen.length > 0 || (await openInvoices(scope)).length > 0) return;
  refuse((await hasInvoices(scope)) ? 'all_paid' : 'nothing_invoiced');
}
