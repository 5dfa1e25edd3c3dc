import { issueInvoices, type NewInvoice } from '#src/documents/issue.ts';
import type { NewLine, NewRate } from '#src/documents/document.ts';
import { sha256 } from '#src/kernel/digest.ts';
import { money, MOST_MINOR, toDecimal } from '#src/kernel/money.ts';
import type { MerchantScope } from '#src/scope.ts';
import { type InvoiceGroup, keyOf, type MappedTable } from './grouping.ts';
import { type ImportedPayment, recordImportedPayments } from './imported-payments.ts';
import { differencesFrom, knownInvoices } from './known-documents.ts';
import type { ImportProblem } from './problems.ts';
import { quotable } from './problems.ts';
import type { ImportProgress, Tally } from './report.ts';
import { invoiceTotalProblem, priceLine } from './row-amounts.ts';
import type { RowSettings } from './row-reader.ts';
import { type InvoiceRow, readInvoiceRow, readLineRow } from './rows.ts';
import { inBatch } from './undo.ts';

export interface InvoiceFiles {
  readonly invoices: MappedTable<'invoices'>;
  readonly lines: MappedTable<'lines'> | undefined;
  readonly invoiceSettings: RowSettings;
  readonly lineSettings: RowSettings;
}

interface Candidate {
  readonly line: number;
  readonly invoice: NewInvoice & { readonly number: string; readonly sourceHash: string };
  readonly paidMinor: number;
}

type Result<T> = { readonly value: T } | { readonly problems: readonly ImportProblem[] };
type Customers = ReadonlyMap<string, { readonly id: number; readonly currency: string }>;

const INVOICES_IN_BATCH = 100;
const LINES_IN_BATCH = 1000;

/** Issues the invoices that are not there yet, batch by batch; those that are must be the same. */
export async function importInvoices(
  merchant: MerchantScope,
  files: InvoiceFiles,
  groups: AsyncIterable<InvoiceGroup>,
  tally: Tally,
  onProgress: ((progress: ImportProgress) => void) | undefined,
): Promise<void> {
  let batch = new Map<string, InvoiceGroup>();
  const done = { rows: 0, bytes: 0, lineRows: 0, lineBytes: 0 };
  const flush = async () => {
    const candidates = [...batch.values()];
    await inBatch(merchant, tally, (within, counted) => store(within, files, candidates, counted));
    batch = new Map();
    const { table } = files.invoices;
    onProgress?.({ kind: 'invoices', bytes: done.bytes, of: table.bytes, rows: done.rows });
    const of = files.lines?.table.bytes;
    if (of !== undefined) onProgress?.({ kind: 'lines', bytes: done.lineBytes, of, rows: done.lineRows });
  };
  let held = 0;
  for await (const group of groups) {
    const lines = group.lines ?? [];
    // The same number twice: the first is issued before the second is compared with it.
    if (batch.size >= INVOICES_IN_BATCH || held >= LINES_IN_BATCH || batch.has(group.number)) {
      await flush();
      held = 0;
    }
    batch.set(group.number, group);
    held += lines.length;
    done.rows += 1;
    done.lineRows += lines.length;
    done.bytes = group.row.bytes;
    done.lineBytes = Math.max(done.lineBytes, lines.at(-1)?.bytes ?? 0);
  }
  done.bytes = files.invoices.table.bytes;
  done.lineBytes = files.lines?.table.bytes ?? 0;
  await flush();
}

async function store(
  merchant: MerchantScope,
  files: InvoiceFiles,
  groups: readonly InvoiceGroup[],
  tally: Tally,
): Promise<void> {
  const place = files.invoices.columns.at.get('customer');
  const customers = await customersNamed(
    merchant,
    groups.map(({ row }) => keyOf(row, place)),
  );
  const candidates: Candidate[] = [];
  for (const group of groups) {
    const read = readGroup(files, group, customers.get(keyOf(group.row, place)), merchant.tenant.currency);
    if ('value' in read) candidates.push(read.value);
    else tally.problem(...read.problems);
  }
  const fresh = await unknownOnes(merchant, files.invoices.table.file, candidates, tally);
  if (!tally.lost) await issue(merchant, fresh, tally);
}

/** Those that the tenant does not have; the others are counted, or named with what differs. */
async function unknownOnes(
  merchant: MerchantScope,
  file: string,
  candidates: readonly Candidate[],
  tally: Tally,
): Promise<Candidate[]> {
  const numbers = candidates.map(({ invoice }) => invoice.number);
  const known = await knownInvoices(merchant, numbers);
  const fresh: Candidate[] = [];
  for (const candidate of candidates) {
    const { invoice, line, paidMinor } = candidate;
    const stored = known.get(invoice.number);
    if (!stored) fresh.push(candidate);
    else if (stored.source_hash === invoice.sourceHash) {
      tally.unchanged.invoices += 1;
      tally.unchanged.lines += invoice.lines.length;
      if (paidMinor > 0) tally.unchanged.payments += 1;
    } else {
      const reason = await differencesFrom(merchant, invoice, 'invoice', stored.id);
      const hint = 'Nothing is overwritten: void the invoice that is there, or leave the row out.';
      tally.problem({ file, line, value: quotable(invoice.number), reason, hint });
    }
  }
  return fresh;
}

async function issue(merchant: MerchantScope, fresh: readonly Candidate[], tally: Tally): Promise<void> {
  const issued = await issueInvoices(
    merchant,
    fresh.map(({ invoice }) => invoice),
  );
  const payments: ImportedPayment[] = [];
  fresh.forEach(({ invoice, paidMinor }, i) => {
    const { customerId, currency, date } = invoice;
    tally.created.lines += invoice.lines.length;
    if (paidMinor > 0)
      payments.push({ customerId, invoiceId: issued[i]!.id, currency, amountMinor: paidMinor, date });
  });
  await recordImportedPayments(merchant, payments);
  tally.created.invoices += fresh.length;
  tally.created.payments += payments.length;
}

/** Customers by number, otherwise by a name that only one of them has. */
async function customersNamed(merchant: MerchantScope, texts: readonly string[]): Promise<Customers> {
  const wanted = [...new Set(texts)].filter((text) => text !== '');
  const found = new Map<string, { id: number; currency: string }>();
  for (const column of ['number', 'name'] as const) {
    const missing = wanted.filter((text) => !found.has(text));
    if (missing.length === 0) continue;
    const all = merchant.db.from('customers').select(['id', 'currency', 'number', 'name']);
    const rows = await all.where(column, 'in', missing).execute();
    const counts = new Map<string, number>();
    for (const row of rows) counts.set(row[column], (counts.get(row[column]) ?? 0) + 1);
    for (const row of rows) if (counts.get(row[column]) === 1) found.set(row[column], row);
  }
  return found;
}

function readGroup(
  files: InvoiceFiles,
  { row, lines }: InvoiceGroup,
  customer: { readonly id: number; readonly currency: string } | undefined,
  tenantCurrency: string,
): Result<Candidate> {
  const file = files.invoiceSettings.file;
  const currency = customer?.currency ?? files.invoiceSettings.currency ?? tenantCurrency;
  const read = readInvoiceRow(row, files.invoices.columns, { ...files.invoiceSettings, currency });
  const problems: ImportProblem[] = read.ok ? [] : [...read.problems];
  const priced = lines && readLines(files, lines, read.ok ? read.value.currency : currency, problems);
  if (!read.ok) return { problems };
  const { value } = read;
  if (!customer) problems.push(unknownCustomer(files, value));
  const own = priced ?? oneLine(value);
  problems.push(...amountProblems(value, own, problems.length === 0, file));
  if (problems.length > 0 || !customer) return { problems };
  const invoice = newInvoice(value, customer.id, own);
  const paidMinor = paidOf(value, totalOf(value, own));
  const sourceHash = sha256(JSON.stringify([invoice, paidMinor]));
  return { value: { line: value.line, invoice: { ...invoice, source: 'csv', sourceHash }, paidMinor } };
}

function readLines(
  files: InvoiceFiles,
  rows: NonNullable<InvoiceGroup['lines']>,
  currency: string,
  problems: ImportProblem[],
): NewLine[] {
  const { lines: table, lineSettings } = files;
  if (!table) return [];
  return rows.flatMap((row): NewLine[] => {
    const line = readLineRow(row, table.columns, lineSettings);
    const priced = line.ok ? priceLine(line.value, currency, lineSettings.file) : line;
    if (!line.ok || !priced.ok) {
      if (!priced.ok) problems.push(...priced.problems);
      return [];
    }
    const { name, description, unit } = line.value;
    return [{ name, description, unit, ...priced.value }];
  });
}

/** An invoice whose lines nobody has: its total, before discount and tax, as the one line. */
function oneLine(row: InvoiceRow): NewLine[] {
  if (row.totalMinor === undefined) return [];
  const minor = row.totalMinor + (row.discountMinor ?? 0) - (row.taxMinor ?? 0);
  const unitCost = toDecimal(money(minor, row.currency));
  return [{ name: row.name ?? `Invoice ${row.number}`, unitCost, quantity: '1', amountMinor: minor }];
}

function totalOf(row: InvoiceRow, lines: readonly NewLine[]): number {
  return sumOf(lines) - (row.discountMinor ?? 0) + (row.taxMinor ?? 0);
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
  return row.paidMinor ?? (row.balanceMinor === undefined ? 0 : total - row.balanceMinor);
}

function newInvoice(
  row: InvoiceRow,
  customerId: number,
  lines: readonly NewLine[],
): NewInvoice & { readonly number: string } {
  const rates: NewRate[] = [];
  if (row.discountMinor) rates.push({ kind: 'discount', name: 'Discount', amountMinor: row.discountMinor });
  if (row.taxMinor) rates.push({ kind: 'tax', name: 'Tax', amountMinor: row.taxMinor });
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
    lines,
    rates,
    references: billTo,
  };
}

function unknownCustomer(files: InvoiceFiles, row: InvoiceRow): ImportProblem {
  const { columns, table } = files.invoices;
  return {
    file: table.file,
    line: row.line,
    column: columns.header[columns.at.get('customer') ?? -1] ?? 'customer',
    value: quotable(row.customer),
    reason: `There is no customer ${quotable(row.customer)}, or its own row is bad.`,
    hint: 'Import the customers first or together with the invoices (--customers).',
  };
}
