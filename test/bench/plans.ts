import { createApp } from '#src/app.ts';
import { readConfig } from '#src/config.ts';
import { billingDetails } from '#src/customers/customers.ts';
import { trailOf } from '#src/documents/content.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { listInvoices } from '#src/documents/invoice-list.ts';
import { invoicePayments } from '#src/payments/receipts/receipts.ts';
import { customerScope } from '#src/scope.ts';
import { findTenant, openMerchant } from '#src/tenants/tenants.ts';
import type { Place } from './place.ts';

/** A statement of the two pages and how SQLite finds its rows. */
export interface Plan {
  readonly sql: string;
  readonly steps: readonly string[];
  /** Some table is read from end to end. */
  readonly scans: boolean;
}

/** The plans of every statement that the invoice list and an invoice's page run. */
export async function queryPlans(place: Place): Promise<Plan[]> {
  const app = await createApp(readConfig(place.env));
  try {
    const { file } = app.ports.store;
    if (file === undefined) throw new Error('Plans are read on SQLite.');
    const seen = new Set<string>();
    const prepare = file.prepare.bind(file);
    Object.defineProperty(file, 'prepare', {
      configurable: true,
      value: (sql: string) => {
        seen.add(sql);
        return prepare(sql);
      },
    });
    const operator = app.operator();
    const merchant = await openMerchant(operator, await findTenant(operator, 'bench'));
    seen.clear();
    const scope = customerScope(merchant, 1);
    await billingDetails(scope);
    const { rows } = await listInvoices(scope);
    const invoice = await findInvoice(scope, rows[0]?.clientId ?? '');
    await trailOf(scope, 'invoice_id', invoice.id);
    await invoicePayments(scope, invoice.id);
    return [...seen].filter((sql) => /^select/i.test(sql)).map((sql) => planOf(prepare, sql));
  } finally {
    await app.close();
  }
}

type Prepare = (sql: string) => { all(...values: unknown[]): unknown[] };

function planOf(prepare: Prepare, sql: string): Plan {
  const unknowns = Array.from({ length: sql.split('?').length - 1 }, () => null);
  const steps = prepare(`explain query plan ${sql}`)
    .all(...unknowns)
    .map((step) => String(Object.getOwnPropertyDescriptor(Object(step), 'detail')?.value));
  return {
    sql,
    steps,
    scans: steps.some((step) => /^SCAN (?!.*(?:CONSTANT ROW|\(subquery|\(join))/.test(step)),
  };
}
