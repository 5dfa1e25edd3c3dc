import type { ColumnMap } from './columns.ts';
import { flagOf, isPaidStatus } from './row-kinds.ts';
import { RowReader } from './row-reader.ts';
import type { RowAddress, RowResult, RowSettings } from './row-reader.ts';
import type { TableRow } from './table.ts';
import { optional } from './optional.ts';

export interface CustomerRow {
  readonly line: number;
  /** Absent where the file has none: then the name is. */
  readonly number?: string;
  readonly name: string;
  readonly company?: string;
  /** First and last name of a person. */
  readonly person?: string;
  /** The person mail is for: as given, else the person where the name is a company's. */
  readonly attentionTo?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly address: RowAddress;
  readonly taxId?: string;
  readonly currency?: string;
  readonly language?: string;
  readonly paymentTerms?: string;
  readonly notes?: string;
}

/** Amounts in minor units of `currency`; dates `YYYY-MM-DD`. */
export interface InvoiceRow {
  readonly line: number;
  readonly number: string;
  /** Number of the customer. */
  readonly customer: string;
  readonly date: string;
  readonly dueDate?: string;
  readonly currency: string;
  /** Lines − discount + tax + shipping + adjustment + rounding must come to this. */
  readonly totalMinor?: number;
  readonly discountMinor?: number;
  readonly taxMinor?: number;
  readonly shippingMinor?: number;
  /** Signed, as is the rounding. */
  readonly adjustmentMinor?: number;
  readonly roundingMinor?: number;
  readonly paidMinor?: number;
  /** Whether all of it is paid, where the file says that instead of an amount. */
  readonly isPaid?: boolean;
  readonly paidDate?: string;
  readonly balanceMinor?: number;
  readonly name?: string;
  readonly purchaseOrder?: string;
  readonly paymentTerms?: string;
  readonly notes?: string;
  readonly billTo: RowAddress;
}

/** Amounts are decimal text: the currency is the invoice's, see `priceLine`. */
export interface LineRow {
  readonly line: number;
  /** Number of the invoice. */
  readonly invoice: string;
  readonly id?: string;
  readonly name: string;
  readonly description?: string;
  readonly quantity: string;
  readonly unit?: string;
  readonly unitCost?: string;
  readonly amount?: string;
  /** What is taken off: an amount, `10%`, or a number that may be either. */
  readonly discount?: string;
  readonly discountPercent?: string;
  /** Every tax on the line. */
  readonly taxes?: readonly string[];
}

export function readCustomerRow(
  row: TableRow,
  columns: ColumnMap<'customers'>,
  settings: RowSettings,
): RowResult<CustomerRow> {
  const read = new RowReader(row, columns, settings);
  const company = read.text('company');
  const names = [read.text('first_name'), read.text('last_name')].filter((part) => part !== undefined);
  const person = names.length === 0 ? undefined : names.join(' ');
  const name = read.text('name') ?? company ?? person;
  const attention = read.text('attention_to') ?? (name === person ? undefined : person);
  return read.result({
    line: row.line,
    ...optional('number', read.text('number')),
    name: name ?? read.missing('name', 'The customer has no name.'),
    ...optional('company', company),
    ...optional('person', person),
    ...optional('attentionTo', attention),
    ...optional('email', read.email('email')),
    ...optional('phone', read.text('phone')),
    address: read.address(['address1', 'address2', 'city', 'state', 'postal_code', 'country']),
    ...optional('taxId', read.text('tax_id')),
    ...optional('currency', read.currency('currency')),
    ...optional('language', read.language('language')),
    ...optional('paymentTerms', read.text('payment_terms')),
    ...optional('notes', read.text('notes')),
  });
}

export function readInvoiceRow(
  row: TableRow,
  columns: ColumnMap<'invoices'>,
  settings: RowSettings,
): RowResult<InvoiceRow> {
  const read = new RowReader(row, columns, settings);
  const currency = read.currency('currency') ?? settings.currency ?? read.noCurrency('currency');
  return read.result({
    line: row.line,
    number: read.required('number'),
    customer: read.required('customer'),
    date: read.day('date') ?? read.missing('date', 'The invoice has no date.'),
    ...optional('dueDate', read.day('due_date')),
    currency,
    ...optional('totalMinor', read.minor('total', currency)),
    ...optional('discountMinor', read.minor('discount', currency)),
    ...optional('taxMinor', read.minor('tax', currency)),
    ...optional('shippingMinor', read.minor('shipping', currency)),
    ...optional('adjustmentMinor', read.minor('adjustment', currency)),
    ...optional('roundingMinor', read.minor('rounding', currency)),
    ...readPaid(read, currency),
    ...optional('paidDate', read.day('paid_date')),
    ...optional('balanceMinor', read.minor('balance', currency)),
    ...optional('name', read.text('name')),
    ...optional('purchaseOrder', read.text('purchase_order')),
    ...optional('paymentTerms', read.text('payment_terms')),
    ...optional('notes', read.text('notes')),
    billTo: read.address([
      'billing_address1',
      'billing_address2',
      'billing_city',
      'billing_state',
      'billing_postal_code',
      'billing_country',
    ]),
  });
}

/** An amount, or yes and no; a status counts where there is neither that nor a balance. */
function readPaid(read: RowReader<'invoices'>, currency: string): Pick<InvoiceRow, 'paidMinor' | 'isPaid'> {
  const flag = flagOf(read.text('paid') ?? '');
  if (flag !== undefined) return { isPaid: flag };
  const paidMinor = read.minor('paid', currency);
  if (paidMinor !== undefined) return { paidMinor };
  return isPaidStatus(read.text('status')) ? { isPaid: true } : {};
}

export function readLineRow(
  row: TableRow,
  columns: ColumnMap<'lines'>,
  settings: RowSettings,
): RowResult<LineRow> {
  const read = new RowReader(row, columns, settings);
  const description = read.text('description');
  const unitCost = read.decimal('unit_cost');
  const amount = read.decimal('amount');
  if (unitCost === undefined && amount === undefined) {
    read.missing(
      columns.at.has('unit_cost') ? 'unit_cost' : 'amount',
      'The line has neither a unit cost nor an amount.',
    );
  }
  const name = read.text('name');
  const taxes = [read.decimal('tax'), read.decimal('tax2')].filter((tax) => tax !== undefined);
  return read.result({
    line: row.line,
    invoice: read.required('invoice'),
    ...optional('id', read.text('id')),
    name: name ?? description ?? read.missing('name', 'The line does not say what was sold.'),
    ...optional('description', name === undefined || name === description ? undefined : description),
    quantity: read.decimal('quantity') ?? '1',
    ...optional('unit', read.text('unit')),
    ...optional('unitCost', unitCost),
    ...optional('amount', amount),
    ...optional('discount', readDiscount(read)),
    ...optional('discountPercent', read.percent('discount_percent')),
    ...optional('taxes', taxes.length > 0 ? taxes : undefined),
  });
}

/** `10%` stays one; everything else is a number. */
function readDiscount(read: RowReader<'lines'>): string | undefined {
  if (!/[%％٪]$/u.test(read.text('discount') ?? '')) return read.decimal('discount');
  const percent = read.percent('discount');
  return percent === undefined ? undefined : `${percent}%`;
}
