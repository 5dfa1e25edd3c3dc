import { refuse } from '../kernel/errors.ts';
import { type Money, money } from '../kernel/money.ts';
import type { CustomerScope } from '../scope.ts';
import { type DocumentLine, type DocumentRate, linesOf, ratesOf } from './content.ts';
import { type InvoiceSummary, summariesOf } from './invoices.ts';

/** An invoice with everything its page and its PDF show. */
export interface Invoice extends InvoiceSummary {
  readonly name: string | undefined;
  readonly currency: string;
  readonly paymentTerms: string | undefined;
  readonly buyerReference: string | undefined;
  readonly notes: string | undefined;
  readonly subtotal: Money;
  readonly rounding: Money;
  /** What was paid or credited so far. */
  readonly settled: Money;
  readonly lines: readonly DocumentLine[];
  readonly rates: readonly DocumentRate[];
  /** How the supplier wants to be paid outside the portal, as the document says it. */
  readonly paymentMeans: unknown;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** One invoice. Refuses `not_found` for drafts, voided ones and everybody else's. */
export async function findInvoice(scope: CustomerScope, clientId: string): Promise<Invoice> {
  const row = await scope.db
    .from('invoices')
    .selectAll()
    .where('client_id', '=', clientId)
    .executeTakeFirst();
  if (!row || row.state !== 'issued') return refuse('not_found', { what: 'invoice' });
  const [summary] = await summariesOf(scope, [row]);
  return {
    ...summary!,
    name: row.name ?? undefined,
    currency: row.currency,
    paymentTerms: row.payment_terms ?? undefined,
    buyerReference: row.buyer_reference ?? undefined,
    notes: row.notes ?? undefined,
    subtotal: money(row.subtotal_minor, row.currency),
    rounding: money(row.rounding_minor, row.currency),
    settled: money(row.total_minor - row.balance_minor, row.currency),
    lines: await linesOf(scope, 'invoice_id', row.id, row.currency),
    rates: await ratesOf(scope, 'invoice_id', row.id, row.currency),
    paymentMeans: row.payment_means === null ? undefined : (JSON.parse(row.payment_means) as unknown),
    createdAt: row.created_at,
  };
}
