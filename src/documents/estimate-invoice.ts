import type { ScopedRow } from '#db/scoped.ts';
import { refuse } from '#src/kernel/errors.ts';
import { nowMs, todayIn } from '#src/kernel/time.ts';
import { recordEvents } from '#src/outbox/events.ts';
import { type MerchantScope, transact } from '#src/scope.ts';
import { waysIn } from '#src/tenants/ways-to-pay.ts';
import type { NewLine, NewRate } from './document.ts';
import { estimateStatus } from './estimate-status.ts';
import { issueInvoice } from './issue.ts';
import type { IssuedDocument } from './numbering.ts';

/** What an invoice says that its estimate does not. */
export interface InvoiceTerms {
  /** Given by the tenant's own numbering when absent. */
  readonly number?: string | undefined;
  /** Civil dates; today, and due at once, when absent. */
  readonly date?: string | undefined;
  readonly dueDate?: string | undefined;
}

/**
 * Makes an approved estimate into an invoice with the same lines, rates and references, in one transaction. Refuses `not_found`,
 * `estimate_not_invoiceable` unless it is approved and not invoiced yet, and `number_taken`.
 */
export function invoiceFromEstimate(
  merchant: MerchantScope,
  estimateId: number,
  terms: InvoiceTerms = {},
): Promise<IssuedDocument> {
  return transact(merchant, async (within) => {
    const estimate = await approvedEstimate(within, estimateId);
    const today = todayIn(within.clock, within.tenant.timeZone).toString();
    const issued = await issueInvoice(within, {
      customerId: estimate.customer_id,
      number: terms.number,
      currency: estimate.currency,
      date: terms.date ?? today,
      dueDate: terms.dueDate,
      name: estimate.name ?? undefined,
      purchaseOrder: estimate.purchase_order ?? undefined,
      buyerReference: estimate.buyer_reference ?? undefined,
      paymentTerms: estimate.payment_terms ?? undefined,
      notes: estimate.notes ?? undefined,
      roundingMinor: estimate.rounding_minor,
      references: referencesOf(estimate),
      disabledMethods: waysIn(estimate.disabled_methods),
      estimateId,
      ...(await partsOf(within, estimateId)),
    });
    await within.db
      .update('estimates')
      .set((eb) => ({
        invoice_id: issued.id,
        version: eb('version', '+', 1),
        updated_at: nowMs(within.clock),
      }))
      .where('id', '=', estimateId)
      .execute();
    const subject = { customerId: estimate.customer_id, estimateId, invoiceId: issued.id };
    await recordEvents(within, [
      { type: 'estimate.invoiced', subject, data: { number: estimate.number, invoice: issued.number } },
    ]);
    return issued;
  });
}

type EstimateRow = ScopedRow<'estimates'>;

async function approvedEstimate(merchant: MerchantScope, estimateId: number): Promise<EstimateRow> {
  const estimate = await merchant.db
    .from('estimates')
    .selectAll()
    .where('id', '=', estimateId)
    .executeTakeFirst();
  if (!estimate) return refuse('not_found', { what: 'estimate' });
  const status = estimateStatus(estimate, todayIn(merchant.clock, merchant.tenant.timeZone).toString());
  if (status === 'approved') return estimate;
  const reason = status === 'invoiced' ? 'was invoiced already' : `is ${status}, not approved`;
  return refuse('estimate_not_invoiceable', { number: estimate.number, reason });
}

function referencesOf({ document_references: stored }: EstimateRow): object | undefined {
  return stored === null ? undefined : (JSON.parse(stored) as object);
}

async function partsOf(
  merchant: MerchantScope,
  estimateId: number,
): Promise<{ lines: NewLine[]; rates: NewRate[] }> {
  const lines = await merchant.db
    .from('lines')
    .selectAll()
    .where('estimate_id', '=', estimateId)
    .orderBy('position')
    .execute();
  const rates = await merchant.db
    .from('applied_rates')
    .selectAll()
    .where('estimate_id', '=', estimateId)
    .orderBy('position')
    .execute();
  const places = new Map(lines.map(({ id }, place) => [id, place]));
  return {
    lines: lines.map(copiedLine),
    rates: rates.map((rate) =>
      copiedRate(rate, rate.line_id === null ? undefined : places.get(rate.line_id)),
    ),
  };
}

function copiedLine(line: ScopedRow<'lines'>): NewLine {
  return {
    name: line.name,
    description: line.description ?? undefined,
    quantity: line.quantity,
    unit: line.unit ?? undefined,
    unitCost: line.unit_cost,
    baseQuantity: line.base_quantity ?? undefined,
    amountMinor: line.amount_minor,
    itemCode: line.item_code ?? undefined,
    taxCategory: line.tax_category ?? undefined,
    taxPercent: line.tax_percent ?? undefined,
    periodStart: line.period_start ?? undefined,
    periodEnd: line.period_end ?? undefined,
  };
}

function copiedRate(rate: ScopedRow<'applied_rates'>, line: number | undefined): NewRate {
  return {
    kind: rate.kind,
    name: rate.name,
    percent: rate.percent ?? undefined,
    baseMinor: rate.base_minor ?? undefined,
    amountMinor: rate.amount_minor,
    category: rate.category ?? undefined,
    reasonCode: rate.reason_code ?? undefined,
    exemptionReason: rate.exemption_reason ?? undefined,
    line,
  };
}
