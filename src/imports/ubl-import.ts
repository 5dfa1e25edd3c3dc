import { customerFaults } from '#src/customers/customers.ts';
import { issueCreditNote, issueInvoice } from '#src/documents/issue.ts';
import { documentFaults } from '#src/documents/limits.ts';
import { Refusal } from '#src/kernel/errors.ts';
import type { MerchantScope } from '#src/scope.ts';
import { recordImportedPayments, recordPaidBack } from './imported-payments.ts';
import { differencesFrom, knownCreditNotes, knownInvoices } from './known-documents.ts';
import type { ImportProblem } from './problems.ts';
import { faultProblems, quotable } from './problems.ts';
import type { ImportProgress, ImportReport, Tally } from './report.ts';
import type { TableSource } from './table.ts';
import { customerFor, findCustomerOf, newCustomerOf } from './ubl-customers.ts';
import {
  documentHash,
  documentOf,
  type ImportedDocument,
  owedNotices,
  payableProblem,
  rootOf,
} from './ubl-documents.ts';
import type { UblDocument, UblResult } from './ubl-model.ts';
import { asOwed } from './ubl-owed.ts';
import { readUbl } from './ubl.ts';
import { allOrNothing, inBatch, type Keeping } from './undo.ts';

/** A file of one UBL document; it may be read twice. */
export type UblSource = TableSource;

export interface UblOptions extends Keeping {
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
}

/**
 * Imports UBL 2.1 invoices and credit notes in one transaction, invoices first, so that a credit note finds the invoice it corrects whatever the
 * order of the files. What comes to less than zero is taken as the other kind, see `asOwed`. The customer is found by the identifiers of the party (endpoint, party id, registration, tax id) or its exact name, else made.
 * A document that is there already with the same content is left alone; the same number with other content is a problem.
 * Never throws for what a file contains: see the report. One document is held in memory at a time.
 */
export function importUbl(
  merchant: MerchantScope,
  files: readonly UblSource[],
  { onProgress, ...keeping }: UblOptions,
): Promise<ImportReport> {
  return allOrNothing(merchant, keeping, async (within, tally) => {
    const later: UblSource[] = [];
    let done = 0;
    const step = () => onProgress?.({ kind: 'documents', bytes: ++done, of: files.length, rows: done });
    for (const file of files) {
      const read = await readOwed(file);
      if (read.ok && read.document.kind === 'credit_note') {
        later.push(file);
        continue;
      }
      await take(within, file.name, read, tally);
      step();
    }
    for (const file of later) {
      await take(within, file.name, await readOwed(file), tally);
      step();
    }
  });
}

async function readOwed(file: UblSource): Promise<UblResult> {
  const read = await readUbl(file.open(), file.name);
  return read.ok ? { ...read, document: asOwed(read.document) } : read;
}

async function take(merchant: MerchantScope, file: string, read: UblResult, tally: Tally): Promise<void> {
  if (!read.ok) return tally.problem(...read.problems);
  tally.notice(...read.notices);
  const { document } = read;
  await inBatch(merchant, tally, (batch, counted) => importDocument(batch, file, document, counted));
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
  tally.notice(...owedNotices(ubl, file));
  if (known) return tally.problem(await conflict(merchant, file, ubl, known.id));
  const faults = {
    ...documentFaults(documentOf(ubl, merchant.tenant.name, 0)),
    ...customerFaults(newCustomerOf(ubl)),
  };
  const tooMuch = faultProblems({ file, element: rootOf(ubl) }, faults);
  if (tooMuch.length > 0) return tally.problem(...tooMuch);
  if (tally.lost) return;
  try {
    const customerId = await customerFor(merchant, ubl, file, tally);
    await issue(merchant, ubl, documentOf(ubl, merchant.tenant.name, customerId), tally);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    tally.problem({
      file,
      element: rootOf(ubl),
      value: quotable(ubl.number),
      reason: error.message,
      hint: error.hint,
    });
  }
}

async function issue(
  merchant: MerchantScope,
  ubl: UblDocument,
  document: ImportedDocument,
  tally: Tally,
): Promise<void> {
  tally.created.lines += document.lines.length;
  const { customerId, currency, date } = document;
  const { prepaidMinor } = ubl.totals;
  if (ubl.kind === 'credit_note') {
    const invoiceId = await correctedInvoice(merchant, ubl, customerId);
    const { id } = await issueCreditNote(merchant, { ...document, invoiceId });
    await recordPaidBack(merchant, {
      customerId,
      creditNoteId: id,
      currency,
      amountMinor: prepaidMinor,
      date,
    });
    tally.created.creditNotes += 1;
    return;
  }
  const { id, totalMinor } = await issueInvoice(merchant, document);
  tally.created.invoices += 1;
  tally.total(currency, totalMinor, Math.max(totalMinor - prepaidMinor, 0));
  if (prepaidMinor === 0) return;
  const amountMinor = Math.min(prepaidMinor, totalMinor);
  const payment = {
    customerId,
    invoiceId: id,
    currency,
    amountMinor,
    creditMinor: prepaidMinor - amountMinor,
    date,
  };
  await recordImportedPayments(merchant, [payment]);
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
    element: `${rootOf(ubl)}/ID`,
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
