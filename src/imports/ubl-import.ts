import { issueCreditNote, issueInvoice } from '#src/documents/issue.ts';
import type { MerchantScope } from '#src/scope.ts';
import { recordImportedPayments } from './imported-payments.ts';
import { differencesFrom, knownCreditNotes, knownInvoices } from './known-documents.ts';
import type { ImportProblem } from './problems.ts';
import { quotable } from './problems.ts';
import type { ImportProgress, ImportReport, Tally } from './report.ts';
import type { TableSource } from './table.ts';
import { customerFor, findCustomerOf } from './ubl-customers.ts';
import { documentHash, documentOf, type ImportedDocument, payableProblem } from './ubl-documents.ts';
import type { UblDocument } from './ubl-model.ts';
import { readUbl } from './ubl.ts';
import { allOrNothing, inBatch } from './undo.ts';

/** A file of one UBL document; it may be read twice. */
export type UblSource = TableSource;

export interface UblOptions {
  /** Keeps the good documents when others are bad; otherwise a single problem undoes everything. */
  readonly skipBad: boolean;
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
}

/**
 * Imports UBL 2.1 invoices and credit notes in one transaction, invoices first, so that a credit note finds the invoice it corrects whatever the
 * order of the files. The customer is found by the identifiers of the party (endpoint, party id, registration, tax id) or its exact name, else made.
 * A document that is there already with the same content is left alone; the same number with other content is a problem.
 * Never throws for what a file contains: see the report. One document is held in memory at a time.
 */
export function importUbl(
  merchant: MerchantScope,
  files: readonly UblSource[],
  { skipBad, onProgress }: UblOptions,
): Promise<ImportReport> {
  return allOrNothing(merchant, skipBad, async (within, tally) => {
    const later: UblSource[] = [];
    let done = 0;
    const step = () => onProgress?.({ kind: 'documents', bytes: ++done, of: files.length, rows: done });
    for (const file of files) {
      const read = await readUbl(file.open(), file.name);
      if (!read.ok) tally.problem(...read.problems);
      else if (read.document.kind === 'credit_note') {
        later.push(file);
        continue;
      } else {
        tally.notice(...read.notices);
        await inBatch(within, tally, (batch, counted) =>
          importDocument(batch, file.name, read.document, counted),
        );
      }
      step();
    }
    for (const file of later) {
      const read = await readUbl(file.open(), file.name);
      if (read.ok) {
        tally.notice(...read.notices);
        await inBatch(within, tally, (batch, counted) =>
          importDocument(batch, file.name, read.document, counted),
        );
      } else tally.problem(...read.problems);
      step();
    }
  });
}

async function importDocument(
  merchant: MerchantScope,
  file: string,
  ubl: UblDocument,
  tally: Tally,
): Promise<void> {
  const hash = documentHash(ubl);
  const known = await knownAlready(merchant, ubl);
  if (known?.source_hash === hash) return countUnchanged(ubl, tally);
  const bad = payableProblem(ubl, file);
  if (bad) return tally.problem(bad);
  if (known) return tally.problem(await conflict(merchant, file, ubl, known.id));
  if (tally.lost) return;
  const customerId = await customerFor(merchant, ubl, file, tally);
  await issue(merchant, ubl, documentOf(ubl, merchant.tenant.name, customerId), tally);
}

async function issue(
  merchant: MerchantScope,
  ubl: UblDocument,
  document: ImportedDocument,
  tally: Tally,
): Promise<void> {
  tally.created.lines += document.lines.length;
  if (ubl.kind === 'credit_note') {
    const invoiceId = await correctedInvoice(merchant, ubl, document.customerId);
    await issueCreditNote(merchant, { ...document, invoiceId });
    tally.created.creditNotes += 1;
    return;
  }
  const issued = await issueInvoice(merchant, document);
  tally.created.invoices += 1;
  const { customerId, currency, date } = document;
  const amountMinor = ubl.totals.prepaidMinor;
  if (amountMinor === 0) return;
  await recordImportedPayments(merchant, [{ customerId, invoiceId: issued.id, currency, amountMinor, date }]);
  tally.created.payments += 1;
}

async function knownAlready(merchant: MerchantScope, { kind, number }: UblDocument) {
  const known = await (kind === 'invoice' ? knownInvoices : knownCreditNotes)(merchant, [number]);
  return known.get(number);
}

function countUnchanged({ kind, lines, totals }: UblDocument, { unchanged }: Tally): void {
  unchanged.lines += lines.length;
  if (kind === 'credit_note') unchanged.creditNotes += 1;
  else {
    unchanged.invoices += 1;
    if (totals.prepaidMinor > 0) unchanged.payments += 1;
  }
}

async function conflict(
  merchant: MerchantScope,
  file: string,
  ubl: UblDocument,
  id: number,
): Promise<ImportProblem> {
  const customerId = (await findCustomerOf(merchant, ubl.customer)) ?? 0;
  const document = documentOf(ubl, merchant.tenant.name, customerId);
  const noun = ubl.kind === 'invoice' ? 'invoice' : 'credit note';
  return {
    file,
    element: `${ubl.kind === 'invoice' ? 'Invoice' : 'CreditNote'}/ID`,
    value: quotable(ubl.number),
    reason: await differencesFrom(merchant, document, noun, id),
    hint: `Nothing is overwritten: void the ${noun} that is there, or leave the file out.`,
  };
}

/** The first preceding invoice that is this customer's, in this currency. */
async function correctedInvoice(
  merchant: MerchantScope,
  ubl: UblDocument,
  customerId: number,
): Promise<number | undefined> {
  const numbers = ubl.precedingInvoices.map(({ number }) => number);
  if (numbers.length === 0) return undefined;
  const rows = await merchant.db
    .from('invoices')
    .select(['id', 'number'])
    .where('number', 'in', numbers)
    .where('customer_id', '=', customerId)
    .where('currency', '=', ubl.currency)
    .execute();
  const ids = new Map(rows.map((row) => [row.number, row.id]));
  return numbers.map((number) => ids.get(number)).find((id) => id !== undefined);
}
