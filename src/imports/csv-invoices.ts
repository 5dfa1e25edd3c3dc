import { issueInvoices } from '#src/documents/issue.ts';
import type { MerchantScope } from '#src/scope.ts';
import { firstCell, type InvoiceGroup, placesOf } from './grouping.ts';
import { type ImportedPayment, recordImportedPayments } from './imported-payments.ts';
import { type Candidate, type InvoiceFiles, type NamedCustomer, readGroup } from './invoice-reading.ts';
import { differencesFrom, knownInvoices } from './known-documents.ts';
import { mergedHead } from './one-file.ts';
import { quotable } from './problems.ts';
import type { ImportProgress, Tally } from './report.ts';
import { otherRow } from './row-kinds.ts';
import { Twins } from './twins.ts';
import { inBatch } from './undo.ts';

type Customers = ReadonlyMap<string, NamedCustomer>;

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
  const twins = new Twins();
  const done = { rows: 0, bytes: 0, lineRows: 0, lineBytes: 0 };
  const flush = async () => {
    const held = [...batch.values()];
    const numbered = held
      .filter(({ number }) => number !== '')
      .map(({ number, row }) => ({ number, line: row.line }));
    tally.notice(...(await twins.among(merchant, 'invoices', files.invoices.table.file, numbered)));
    await inBatch(merchant, tally, (within, counted) => store(within, files, held, counted));
    batch = new Map();
    const { table } = files.invoices;
    onProgress?.({ kind: 'invoices', bytes: done.bytes, of: table.bytes, rows: done.rows });
    const of = files.lines?.table.bytes;
    if (of !== undefined) onProgress?.({ kind: 'lines', bytes: done.lineBytes, of, rows: done.lineRows });
  };
  let linesHeld = 0;
  for await (const group of groups) {
    const lines = group.lines ?? [];
    // The same number twice: the first is issued before the second is compared with it.
    if (batch.size >= INVOICES_IN_BATCH || linesHeld >= LINES_IN_BATCH || batch.has(group.number)) {
      await flush();
      linesHeld = 0;
    }
    batch.set(group.number, group);
    linesHeld += lines.length;
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
  const heads = groups.flatMap((group) => headOf(files, group, tally) ?? []);
  const places = placesOf(files.invoices.columns, 'customer');
  const customerOf = ({ row }: InvoiceGroup) => firstCell(row, places);
  const customers = await customersNamed(merchant, heads.map(customerOf));
  const candidates: Candidate[] = [];
  for (const group of heads) {
    const read = readGroup(files, group, customers.get(customerOf(group)), merchant.tenant.currency);
    if ('value' in read) candidates.push(read.value);
    else tally.problem(...read.problems);
  }
  const fresh = await unknownOnes(merchant, files.invoices.table.file, candidates, tally);
  if (!tally.lost) await issue(merchant, fresh, tally);
}

/** The group under the row that tells of its invoice; undefined for what is told to be none, or to be two. */
function headOf(files: InvoiceFiles, group: InvoiceGroup, tally: Tally): InvoiceGroup | undefined {
  const merged =
    files.lines && files.isOneFile
      ? mergedHead(group, { invoices: files.invoices, lines: files.lines })
      : group;
  if ('problems' in merged) return void tally.problem(...merged.problems);
  const other = otherRow(merged.row, files.invoices.columns);
  if (!other) return { ...group, row: merged.row };
  const place = {
    file: files.invoices.table.file,
    line: group.row.line,
    column: other.column,
    value: quotable(other.says),
  };
  if (other.kind === 'left_out') {
    const reason = `${group.number === '' ? 'The row' : `Invoice ${quotable(group.number)}`} is “${quotable(other.says)}”.`;
    tally.notice({ ...place, reason, hint: 'It was left out.' });
  } else {
    const reason = `The row is a “${quotable(other.says)}”, not an invoice.`;
    tally.problem({ ...place, reason, hint: 'Leave it out, or pass over such rows with --skip-bad.' });
  }
  return undefined;
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
  fresh.forEach(({ invoice, paidMinor, paidDate: date }, i) => {
    const { customerId, currency } = invoice;
    tally.created.lines += invoice.lines.length;
    if (paidMinor > 0)
      payments.push({ customerId, invoiceId: issued[i]!.id, currency, amountMinor: paidMinor, date });
  });
  await recordImportedPayments(merchant, payments);
  fresh.forEach(({ invoice, paidMinor }, i) => {
    const { totalMinor } = issued[i]!;
    const { number, date, dueDate, currency } = invoice;
    tally.total(currency, totalMinor, totalMinor - paidMinor);
    tally.sample('invoices', [
      { number, date, dueDate, currency, totalMinor, openMinor: totalMinor - paidMinor },
    ]);
  });
  tally.created.invoices += fresh.length;
  tally.created.payments += payments.length;
}

/** Customers by number, otherwise by a name that only one of them has. */
async function customersNamed(merchant: MerchantScope, texts: readonly string[]): Promise<Customers> {
  const wanted = [...new Set(texts)].filter((text) => text !== '');
  const found = new Map<string, NamedCustomer>();
  for (const column of ['number', 'name'] as const) {
    const missing = wanted.filter((text) => !found.has(text));
    if (missing.length === 0) continue;
    const all = merchant.db.from('customers').select(['id', 'currency', 'number', 'name', 'closed_at']);
    const rows = await all.where(column, 'in', missing).execute();
    const counts = new Map<string, number>();
    for (const row of rows) counts.set(row[column], (counts.get(row[column]) ?? 0) + 1);
    for (const row of rows) if (counts.get(row[column]) === 1) found.set(row[column], row);
  }
  return found;
}
