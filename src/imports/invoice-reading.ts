import type { NewLine, NewRate } from '#src/documents/document.ts';
import type { NewInvoice } from '#src/documents/issue.ts';
import { documentFaults } from '#src/documents/limits.ts';
import { sha256 } from '#src/kernel/digest.ts';
import { money, MOST_MINOR, toDecimal } from '#src/kernel/money.ts';
import type { InvoiceGroup, MappedTable } from './grouping.ts';
import type { ImportProblem } from './problems.ts';
import { faultProblems, quotable } from './problems.ts';
import { beyondLines, invoiceTotalProblem, priceLine } from './row-amounts.ts';
import type { RowSettings } from './row-reader.ts';
import { type InvoiceRow, readInvoiceRow, readLineRow } from './rows.ts';

export interface InvoiceFiles {
  readonly invoices: MappedTable<'invoices'>;
  readonly lines: MappedTable<'lines'> | undefined;
  /** Whether the two are one file, with a row a line. */
  readonly isOneFile: boolean;
  readonly invoiceSettings: RowSettings;
  readonly lineSettings: RowSettings;
}

/** An invoice as a file has it, with what was paid of it: minor units. */
export interface Candidate {
  readonly line: number;
  readonly invoice: NewInvoice & { readonly number: string; readonly sourceHash: string };
  readonly paidMinor: number;
  readonly paidDate: string;
}

type Result<T> = { readonly value: T } | { readonly problems: readonly ImportProblem[] };

/** A customer that invoices name. */
export interface NamedCustomer {
  readonly id: number;
  readonly currency: string;
  /** Epoch ms; null for one that is open. */
  readonly closed_at: number | null;
}

/** The invoice that a group of rows means, for the customer it names; or everything that is wrong with it. */
export function readGroup(
  files: InvoiceFiles,
  group: InvoiceGroup,
  customer: NamedCustomer | undefined,
  tenantCurrency: string,
): Result<Candidate> {
  const file = files.invoiceSettings.file;
  const currency = customer?.currency ?? files.invoiceSettings.currency ?? tenantCurrency;
  const read = readInvoiceRow(group.row, files.invoices.columns, { ...files.invoiceSettings, currency });
  const problems: ImportProblem[] = read.ok ? [] : [...read.problems];
  const priced =
    group.lines && readLines(files, group.lines, read.ok ? read.value.currency : currency, problems);
  if (!read.ok) return { problems };
  const value = priced && priced.taxMinor !== 0 ? { taxMinor: priced.taxMinor, ...read.value } : read.value;
  if (!customer) problems.push(unknownCustomer(files, value));
  else if (customer.closed_at !== null) problems.push(closedCustomer(files, value));
  const own = priced ?? { lines: oneLine(value), rates: [], taxMinor: 0 };
  problems.push(...amountProblems(value, own.lines, problems.length === 0, file));
  if (problems.length > 0 || !customer) return { problems };
  const invoice = newInvoice(value, customer.id, own);
  const faults = faultProblems(
    { file, line: value.line, value: quotable(value.number) },
    documentFaults(invoice),
  );
  if (faults.length > 0) return { problems: faults };
  const paidMinor = paidOf(value, totalOf(value, own.lines));
  const paidDate = value.paidDate ?? value.date;
  const sourceHash = sha256(JSON.stringify([invoice, paidMinor, paidDate]));
  return {
    value: { line: value.line, invoice: { ...invoice, source: 'csv', sourceHash }, paidMinor, paidDate },
  };
}

/** The lines of an invoice, with what is off each of them already, and the taxes that stand beside them. */
interface OwnLines {
  readonly lines: NewLine[];
  readonly rates: NewRate[];
  readonly taxMinor: number;
}

function readLines(
  files: InvoiceFiles,
  rows: NonNullable<InvoiceGroup['lines']>,
  currency: string,
  problems: ImportProblem[],
): OwnLines {
  const { lines: table, lineSettings } = files;
  const own = { lines: [] as NewLine[], rates: [] as NewRate[], taxMinor: 0 };
  if (!table) return own;
  for (const row of rows) {
    const line = readLineRow(row, table.columns, { ...lineSettings, currency });
    const priced = line.ok ? priceLine(line.value, currency, lineSettings.file) : line;
    if (!priced.ok) problems.push(...priced.problems);
    if (!line.ok || !priced.ok) continue;
    const { name, description, unit } = line.value;
    const { discount, taxMinor, ...amounts } = priced.value;
    if (discount) own.rates.push({ kind: 'discount', name: 'Discount', ...discount, line: own.lines.length });
    own.lines.push({ name, description, unit, ...amounts });
    own.taxMinor += taxMinor;
  }
  return own;
}

/** An invoice whose lines nobody has: its total, before discount and tax, as the one line. */
function oneLine(row: InvoiceRow): NewLine[] {
  if (row.totalMinor === undefined) return [];
  const minor = row.totalMinor - beyondLines(row);
  const unitCost = toDecimal(money(minor, row.currency));
  return [{ name: row.name ?? `Invoice ${row.number}`, unitCost, quantity: '1', amountMinor: minor }];
}

function totalOf(row: InvoiceRow, lines: readonly NewLine[]): number {
  return sumOf(lines) + beyondLines(row);
}

function sumOf(lines: readonly NewLine[]): number {
  return lines.reduce((sum, line) => sum + (line.amountMinor ?? 0), 0);
}

/** What is wrong with the amounts of an invoice; its total is only compared when every line of it was `complete`. */
function amountProblems(
  row: InvoiceRow,
  lines: readonly NewLine[],
  complete: boolean,
  file: string,
): ImportProblem[] {
  if (!complete) return [];
  const say = (reason: string, hint: string): ImportProblem[] => [
    { file, line: row.line, value: quotable(row.number), reason, hint },
  ];
  const name = `Invoice ${quotable(row.number)}`;
  const total = totalOf(row, lines);
  const write = (minor: number) => `${toDecimal(money(minor, row.currency))} ${row.currency}`;
  const figures = [row.totalMinor, row.discountMinor, row.taxMinor, total, sumOf(lines)];
  if (figures.some((minor = 0) => Math.abs(minor) > MOST_MINOR)) {
    const most = `${toDecimal(money(MOST_MINOR, row.currency))} ${row.currency}`;
    return say(`${name} is too large: the largest amount possible is ${most}.`, 'Check the row.');
  }
  const differs = invoiceTotalProblem(row, sumOf(lines), file);
  if (differs) return [differs];
  if (lines.length === 0) {
    return say(`${name} has no lines.`, 'Add its lines, or without a file of lines give its total.');
  }
  if (total < 0) return say(`${name} comes to ${write(total)}.`, 'Import credits as credit notes.');
  if ((row.discountMinor ?? 0) < 0) {
    return say(`The discount of ${name} is negative.`, 'Give what is taken off as a positive amount.');
  }
  const { paidMinor, balanceMinor } = row;
  const paid = paidOf(row, total);
  if (paid < 0 || paid > total) {
    return say(
      `${name} comes to ${write(total)}, of which ${write(paid)} are paid.`,
      'Correct one of the figures.',
    );
  }
  if (paidMinor !== undefined && balanceMinor !== undefined && paidMinor + balanceMinor !== total) {
    const reason = `${name} comes to ${write(total)}, but ${write(paidMinor)} paid and ${write(balanceMinor)} open do not.`;
    return say(reason, 'Correct one of the figures.');
  }
  return [];
}

function paidOf(row: InvoiceRow, total: number): number {
  if (row.isPaid) return total;
  return row.paidMinor ?? (row.balanceMinor === undefined ? 0 : total - row.balanceMinor);
}

function newInvoice(
  row: InvoiceRow,
  customerId: number,
  own: OwnLines,
): NewInvoice & { readonly number: string } {
  const rates = [...own.rates, ...ratesOf(row)];
  const billTo = Object.keys(row.billTo).length > 0 ? { billTo: row.billTo } : undefined;
  return {
    customerId,
    number: row.number,
    name: row.name,
    currency: row.currency,
    date: row.date,
    dueDate: row.dueDate,
    purchaseOrder: row.purchaseOrder,
    paymentTerms: row.paymentTerms,
    notes: row.notes,
    lines: own.lines,
    rates,
    roundingMinor: row.roundingMinor,
    references: billTo,
  };
}

/** What is added to the whole invoice and taken off it. */
function ratesOf(row: InvoiceRow): NewRate[] {
  const { discountMinor = 0, taxMinor = 0, shippingMinor = 0, adjustmentMinor = 0 } = row;
  const rates: NewRate[] = [];
  if (discountMinor !== 0) rates.push({ kind: 'discount', name: 'Discount', amountMinor: discountMinor });
  if (shippingMinor !== 0) rates.push({ kind: 'shipping', name: 'Shipping', amountMinor: shippingMinor });
  if (adjustmentMinor > 0) rates.push({ kind: 'charge', name: 'Adjustment', amountMinor: adjustmentMinor });
  if (adjustmentMinor < 0)
    rates.push({ kind: 'discount', name: 'Adjustment', amountMinor: -adjustmentMinor });
  if (taxMinor !== 0) rates.push({ kind: 'tax', name: 'Tax', amountMinor: taxMinor });
  return rates;
}

function unknownCustomer(files: InvoiceFiles, row: InvoiceRow): ImportProblem {
  return {
    ...customerPlace(files, row),
    reason: `There is no customer ${quotable(row.customer)}, or its own row is bad.`,
    hint: 'Import the customers first or together with the invoices (--customers).',
  };
}

function closedCustomer(files: InvoiceFiles, row: InvoiceRow): ImportProblem {
  return {
    ...customerPlace(files, row),
    reason: `The customer ${quotable(row.customer)} is closed.`,
    hint: 'Open it again, or leave the row out.',
  };
}

function customerPlace({ invoices: { columns, table } }: InvoiceFiles, row: InvoiceRow) {
  const column = columns.header[columns.at.get('customer') ?? -1] ?? 'customer';
  return { file: table.file, line: row.line, column, value: quotable(row.customer) };
}
