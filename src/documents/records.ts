import type { ScopedRow } from '#db/scoped.ts';
import { type Money, money } from '#src/kernel/money.ts';
import type { MerchantScope } from '#src/scope.ts';
import type { DocumentColumn } from './document.ts';

/* Lines and rates of invoices, estimates and credit notes as their merchant sees them. */

export interface LineRecord {
  readonly id: number;
  readonly itemCode: string | undefined;
  readonly type: string | undefined;
  readonly name: string;
  readonly description: string | undefined;
  /** Decimal texts. */
  readonly quantity: string;
  readonly unitCost: string;
  readonly amount: Money;
  readonly isDiscountable: boolean;
  readonly isTaxable: boolean;
  readonly planId: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface RateRecord {
  readonly id: number;
  readonly kind: 'discount' | 'charge' | 'tax' | 'shipping';
  readonly name: string;
  readonly amount: Money;
  readonly couponId: string | undefined;
  readonly taxRateId: string | undefined;
  /** Epoch ms. */
  readonly expiresAt: number | undefined;
}

export interface RecordParts {
  readonly lines: readonly LineRecord[];
  /** Those on the whole document. */
  readonly rates: readonly RateRecord[];
}

/** The lines and rates of documents of one kind, read at once; the function answers those of one of them. */
export async function partsOfRecords(
  merchant: MerchantScope,
  column: DocumentColumn,
  documents: ReadonlyArray<{ readonly id: number; readonly currency: string }>,
): Promise<(document: { readonly id: number; readonly currency: string }) => RecordParts> {
  const ids = documents.map(({ id }) => id);
  const lines = await merchant.db
    .from('lines')
    .selectAll()
    .where(column, 'in', ids)
    .orderBy('position')
    .execute();
  const rates = await merchant.db
    .from('applied_rates')
    .selectAll()
    .where(column, 'in', ids)
    .where('line_id', 'is', null)
    .orderBy('position')
    .execute();
  const linesById = Map.groupBy(lines, (line) => line[column]);
  const ratesById = Map.groupBy(rates, (rate) => rate[column]);
  return ({ id, currency }) => ({
    lines: (linesById.get(id) ?? []).map((line) => lineOf(line, currency)),
    rates: (ratesById.get(id) ?? []).map((rate) => rateOf(rate, currency)),
  });
}

/** What a merchant keeps with a document: an object of anything. */
export function readMetadata(text: string): Readonly<Record<string, unknown>> {
  const read: unknown = JSON.parse(text);
  return typeof read === 'object' && read !== null && !Array.isArray(read) ? { ...read } : {};
}

function lineOf(row: ScopedRow<'lines'>, currency: string): LineRecord {
  return {
    id: row.id,
    itemCode: row.item_code ?? undefined,
    type: row.type ?? undefined,
    name: row.name,
    description: row.description ?? undefined,
    quantity: row.quantity,
    unitCost: row.unit_cost,
    amount: money(row.amount_minor, currency),
    isDiscountable: row.discountable === 1,
    isTaxable: row.taxable === 1,
    planId: row.plan_id ?? undefined,
    metadata: readMetadata(row.metadata),
  };
}

function rateOf(row: ScopedRow<'applied_rates'>, currency: string): RateRecord {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    amount: money(row.amount_minor, currency),
    couponId: row.coupon_id ?? undefined,
    taxRateId: row.tax_rate_id ?? undefined,
    expiresAt: row.expires_at ?? undefined,
  };
}
