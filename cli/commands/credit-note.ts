import type { Command } from 'commander';
import { creditNoteShape } from '#src/api/document-shapes.ts';
import { readCreditNote } from '#src/api/document-input.ts';
import { findCustomer } from '#src/customers/customers.ts';
import type { CreditNoteStatus } from '#src/documents/credit-notes.ts';
import { issueCreditNote } from '#src/documents/issue.ts';
import {
  type CreditNoteRecord,
  everyCreditNote,
  findMerchantCreditNote,
} from '#src/documents/merchant-credit-notes.ts';
import { voidCreditNote } from '#src/documents/voids.ts';
import type { MerchantScope } from '#src/scope.ts';
import { printLines, rateFacts, shown } from '../document-text.ts';
import { withMerchant } from '../installation.ts';
import { documentFrom, type IssueOptions, issueOptions } from '../issuing.ts';
import { type JsonOption, type ListOptions, examples, json, listOptions, oneOf } from '../options.ts';
import { printFacts, printJson, printJsonList, printTable } from '../output.ts';
import { urls } from '#src/portal/urls.ts';

const STATUSES: readonly CreditNoteStatus[] = ['draft', 'open', 'paid', 'closed', 'voided'];

interface NoteListOptions extends ListOptions {
  readonly customer?: string;
  readonly status?: CreditNoteStatus;
}
interface NoteIssueOptions extends IssueOptions {
  readonly invoice?: string;
}

export function setup(group: Command): void {
  const issue = group
    .command('issue')
    .description('Issue a credit note: an amount that the customer may put against invoices')
    .argument('<tenant>')
    .option('--invoice <invoice>', 'number or id of the invoice that it corrects')
    .action(issueOne);
  issueOptions(
    examples(
      issue,
      'portal credit-note issue acme --customer CUST-00001 --line "Returned paper;2;7.00" --invoice INV-0001',
      'portal credit-note issue acme --json -',
    ),
  );
  const list = group
    .command('list')
    .description('List the credit notes of a tenant in the order they were made')
    .argument('<tenant>')
    .option('--customer <customer>', 'only those of one customer (number or id)')
    .addOption(oneOf('--status <status>', 'only those in one state; paid means used up', STATUSES))
    .action(listAll);
  listOptions(examples(list, 'portal credit-note list acme --status open'));
  const show = group
    .command('show')
    .description('Show a credit note with its lines')
    .argument('<tenant>')
    .argument('<credit-note>', 'number or id')
    .action(showOne);
  json(examples(show, 'portal credit-note show acme CN-0001'));
  const voiding = group
    .command('void')
    .description('Take back a credit note of which nothing was used')
    .argument('<tenant>')
    .argument('<credit-note>', 'number or id')
    .action(voidOne);
  json(examples(voiding, 'portal credit-note void acme CN-0001'));
}

async function issueOne(username: string, options: NoteIssueOptions): Promise<void> {
  const input = await documentFrom(options, { invoice: options.invoice });
  await withMerchant(username, async (merchant) => {
    const { number } = await issueCreditNote(merchant, await readCreditNote(merchant, input));
    tell(merchant, await findMerchantCreditNote(merchant, number), options.json !== undefined);
  });
}

async function listAll(username: string, options: NoteListOptions): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const { status, limit } = options;
    const customerId = options.customer && (await findCustomer(merchant, options.customer)).id;
    const found = await Array.fromAsync(
      everyCreditNote(merchant, { status, limit, customerId: customerId || undefined }),
    );
    if (options.json) return printJsonList(found.map((one) => creditNoteShape(one, merchant.tenant)));
    printNotes(found);
  });
}

async function showOne(username: string, note: string, { json: asJson }: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    tell(merchant, await findMerchantCreditNote(merchant, note), asJson === true);
  });
}

async function voidOne(username: string, note: string, { json: asJson }: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const { id, number } = await findMerchantCreditNote(merchant, note);
    await voidCreditNote(merchant, id);
    tell(merchant, await findMerchantCreditNote(merchant, number), asJson === true);
  });
}

function tell({ tenant }: MerchantScope, note: CreditNoteRecord, asJson: boolean): void {
  if (asJson) printJson(creditNoteShape(note, tenant));
  else printNote(note, tenant.origin + urls.creditNote(note.clientId));
}

function printNotes(notes: readonly CreditNoteRecord[]): void {
  const columns = [
    { title: 'number', value: (note: CreditNoteRecord) => note.number },
    { title: 'customer', most: 36, value: (note: CreditNoteRecord) => note.customerName },
    { title: 'date', value: (note: CreditNoteRecord) => note.date },
    { title: 'status', value: (note: CreditNoteRecord) => note.status },
    { title: 'total', align: 'right' as const, value: (note: CreditNoteRecord) => shown(note.total) },
    { title: 'left', align: 'right' as const, value: (note: CreditNoteRecord) => shown(note.balance) },
  ];
  printTable(notes, columns, 'There are no such credit notes.');
}

function printNote(note: CreditNoteRecord, url: string): void {
  printFacts([
    ['Credit note', note.number],
    ['Customer', `${note.customerName} (${note.customerNumber})`],
    ['Date', note.date],
    ['Status', note.status],
    ['Page', url],
  ]);
  printLines(note);
  printFacts([
    ['Subtotal', shown(note.subtotal)],
    ...rateFacts(note),
    ['Total', shown(note.total)],
    ['Left', shown(note.balance)],
  ]);
}
