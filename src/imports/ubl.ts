import { Refusal } from '#src/kernel/errors.ts';
import { minorDigits } from '#src/kernel/money.ts';
import { optional } from './optional.ts';
import { quotable } from './problems.ts';
import type { ImportProblem } from './problems.ts';
import { readDocumentAllowance, readLine, readTax } from './ubl-lines.ts';
import type { UblAttachment, UblDocument, UblResult, UblTotals } from './ubl-model.ts';
import { readDelivery, readParty, readPaymentMeans } from './ubl-parties.ts';
import type { UblCurrency } from './ubl-reading.ts';
import { UblReading } from './ubl-reading.ts';
import { checkTotals } from './ubl-totals.ts';
import type { XmlElement } from './xml.ts';
import { oneChunk, readXml } from './xml.ts';

const INVOICE = 'urn:oasis:names:specification:ubl:schema:xsd:Invoice-2';
const CREDIT_NOTE = 'urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2';
/** UNTDID 1001 codes that EN 16931 counts as credit notes; they also occur in documents of the type Invoice. */
const CREDIT_CODES = new Set(['81', '83', '261', '262', '296', '308', '381', '396', '420', '458', '532']);
const OBJECT = '130';
const PROJECT = '50';

/**
 * Reads one UBL 2.1 Invoice or CreditNote as Peppol BIS Billing 3.0 uses them, and ties it out: every line, VAT subtotal and total is
 * recomputed. A document that is not fully understood or does not tie out is refused with every problem found; never throws
 * for what a file contains. `file` is the name that problems carry.
 */
export async function readUbl(
  source: AsyncIterable<Uint8Array> | Uint8Array | string,
  file: string,
): Promise<UblResult> {
  const chunks = typeof source === 'string' || source instanceof Uint8Array ? oneChunk(source) : source;
  const xml = await readXml(chunks);
  if (!xml.ok) return { ok: false, problems: [{ file, ...xml.failure }] };
  const unsuitable = checkRoot(xml.root, file);
  if (unsuitable) return { ok: false, problems: [unsuitable] };
  const read = new UblReading(file);
  const currency = readCurrency(read, xml.root, 'DocumentCurrencyCode');
  if (!currency) return { ok: false, problems: read.problems };
  read.currency = currency;
  const document = readDocument(read, xml.root);
  if (read.problems.length > 0) return { ok: false, problems: read.problems };
  const { problems, notices } = checkTotals(document, xml.root, read);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, document, notices };
}

function checkRoot(root: XmlElement, file: string): ImportProblem | undefined {
  const suitable =
    (root.name === 'Invoice' && root.namespace === INVOICE) ||
    (root.name === 'CreditNote' && root.namespace === CREDIT_NOTE);
  if (suitable) return undefined;
  const name = quotable(`${root.namespace} ${root.name}`);
  const hint = `The root element must be Invoice or CreditNote of UBL 2, here it is “${name}”.`;
  return {
    file,
    line: root.line,
    element: root.path,
    reason: 'This is not a UBL invoice or credit note.',
    hint,
  };
}

function readCurrency(read: UblReading, root: XmlElement, name: string): UblCurrency | undefined {
  const found = read.field(root, name);
  if (!found) {
    read.missing(root, name, 'BR-05');
    return undefined;
  }
  try {
    return { code: found.text, digits: minorDigits(found.text) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    read.problem(found, error.message, { value: quotable(found.text), rule: 'BR-CL-04', hint: error.hint });
    return undefined;
  }
}

function readDocument(read: UblReading, root: XmlElement): UblDocument {
  const codeName = root.name === 'CreditNote' ? 'CreditNoteTypeCode' : 'InvoiceTypeCode';
  const typeCode = read.required(root, codeName, 'BR-04');
  const issueDate = read.date(root, 'IssueDate');
  if (!read.field(root, 'IssueDate')) read.missing(root, 'IssueDate', 'BR-03');
  const lines = read.groups(root, root.name === 'CreditNote' ? 'CreditNoteLine' : 'InvoiceLine');
  if (lines.length === 0) read.problem(root, 'The document has no lines.', { rule: 'BR-16' });
  return {
    kind: root.name === 'CreditNote' || CREDIT_CODES.has(typeCode) ? 'credit_note' : 'invoice',
    number: read.required(root, 'ID', 'BR-02'),
    typeCode,
    issueDate: issueDate ?? '',
    ...optional('dueDate', readDueDate(read, root)),
    ...optional('taxPointDate', read.date(root, 'TaxPointDate')),
    ...optional('period', read.period(root)),
    currency: read.currency.code,
    ...readTaxCurrency(read, root),
    ...readReferences(read, root),
    ...readParties(read, root),
    paymentMeans: read.groups(root, 'PaymentMeans').map((means) => readPaymentMeans(read, means)),
    ...optional('paymentTerms', readTerms(read, root)),
    lines: lines.map((line) => readLine(read, line)),
    allowances: read.groups(root, 'AllowanceCharge').map((element) => readDocumentAllowance(read, element)),
    taxes: read.groups(mainTaxTotal(read, root), 'TaxSubtotal').map((subtotal) => readTax(read, subtotal)),
    totals: readTotals(read, root),
    attachments: readAttachments(read, root),
  };
}

/** Credit notes carry it with the payment means (BT-9 in Peppol's binding). */
function readDueDate(read: UblReading, root: XmlElement): string | undefined {
  return read.date(root, 'DueDate') ?? read.date(read.group(root, 'PaymentMeans'), 'PaymentDueDate');
}

function readTerms(read: UblReading, root: XmlElement): string | undefined {
  const notes = read.groups(root, 'PaymentTerms').flatMap((terms) => read.fields(terms, 'Note'));
  return notes.length === 0 ? undefined : notes.map((note) => note.text).join('\n');
}

function readTaxCurrency(
  read: UblReading,
  root: XmlElement,
): Pick<UblDocument, 'taxCurrency' | 'taxTotalInTaxCurrencyMinor'> {
  if (!read.field(root, 'TaxCurrencyCode')) return {};
  const currency = readCurrency(read, root, 'TaxCurrencyCode');
  if (!currency) return {};
  const totals = read.groups(root, 'TaxTotal').flatMap((total) => read.fields(total, 'TaxAmount'));
  const amount = totals.find((total) => total.attributes.get('currencyID') === currency.code);
  if (!amount) {
    read.problem(root, `There is no VAT total in the tax currency ${currency.code}.`, {
      element: `${root.path}/TaxTotal/TaxAmount`,
      rule: 'BR-53',
    });
  }
  return {
    taxCurrency: currency.code,
    ...optional('taxTotalInTaxCurrencyMinor', amount && read.amountOf(amount, currency)),
  };
}

function readReferences(
  read: UblReading,
  root: XmlElement,
): Pick<UblDocument, 'notes' | 'precedingInvoices' | 'buyerReference' | 'orderReference'> {
  const order = read.group(root, 'OrderReference');
  const others = read.groups(root, 'AdditionalDocumentReference');
  const typed = (code: string) => others.find((other) => read.text(other, 'DocumentTypeCode') === code);
  const project = read.group(root, 'ProjectReference') ?? typed(PROJECT);
  const preceding = read
    .groups(root, 'BillingReference')
    .map((b) => read.group(b, 'InvoiceDocumentReference'));
  return {
    notes: read.fields(root, 'Note').map((note) => note.text),
    precedingInvoices: preceding.flatMap((reference) => {
      const number = read.text(reference, 'ID');
      return number === undefined
        ? []
        : [{ number, ...optional('issueDate', read.date(reference, 'IssueDate')) }];
    }),
    ...optional('buyerReference', read.text(root, 'BuyerReference')),
    ...optional('accountingCost', read.text(root, 'AccountingCost')),
    ...optional('orderReference', read.text(order, 'ID')),
    ...optional('salesOrderReference', read.text(order, 'SalesOrderID')),
    ...optional('contractReference', read.text(read.group(root, 'ContractDocumentReference'), 'ID')),
    ...optional('projectReference', read.text(project, 'ID')),
    ...optional('despatchReference', read.text(read.group(root, 'DespatchDocumentReference'), 'ID')),
    ...optional('receiptReference', read.text(read.group(root, 'ReceiptDocumentReference'), 'ID')),
    ...optional('tenderReference', read.text(read.group(root, 'OriginatorDocumentReference'), 'ID')),
    ...optional('objectReference', read.text(typed(OBJECT), 'ID')),
  };
}

function readParties(
  read: UblReading,
  root: XmlElement,
): Pick<UblDocument, 'supplier' | 'customer' | 'payee' | 'taxRepresentative' | 'delivery'> {
  const supplier = read.group(root, 'AccountingSupplierParty', 'Party');
  const customer = read.group(root, 'AccountingCustomerParty', 'Party');
  if (!supplier) read.missing(root, 'AccountingSupplierParty/Party', 'BR-06');
  if (!customer) read.missing(root, 'AccountingCustomerParty/Party', 'BR-07');
  const payee = read.group(root, 'PayeeParty');
  const representative = read.group(root, 'TaxRepresentativeParty');
  return {
    supplier: supplier ? readParty(read, supplier, 'BR-06') : { name: '', identifiers: [] },
    customer: customer ? readParty(read, customer, 'BR-07') : { name: '', identifiers: [] },
    ...optional('payee', payee && readParty(read, payee, 'BR-17')),
    ...optional('taxRepresentative', representative && readParty(read, representative, 'BR-18')),
    ...optional('delivery', readDelivery(read, read.group(root, 'Delivery'))),
  };
}

/** The TaxTotal in the document's currency: the one with subtotals, else the one that is not in the tax currency. */
function mainTaxTotal(read: UblReading, root: XmlElement): XmlElement | undefined {
  const all = read.groups(root, 'TaxTotal');
  const inCurrency = all.filter((total) =>
    read
      .fields(total, 'TaxAmount')
      .every((a) => (a.attributes.get('currencyID') ?? read.currency.code) === read.currency.code),
  );
  return all.find((total) => read.groups(total, 'TaxSubtotal').length > 0) ?? inCurrency[0] ?? all[0];
}

function readTotals(read: UblReading, root: XmlElement): UblTotals {
  const tax = mainTaxTotal(read, root);
  if (!tax) read.missing(root, 'TaxTotal', 'BR-CO-18');
  const totals = read.group(root, 'LegalMonetaryTotal');
  if (!totals) read.missing(root, 'LegalMonetaryTotal', 'BR-12');
  const at = totals ?? root;
  const needed = (name: string, rule: string) => (totals ? read.requiredAmount(at, name, rule) : 0);
  return {
    lineExtensionMinor: needed('LineExtensionAmount', 'BR-12'),
    allowanceTotalMinor: read.amount(totals, 'AllowanceTotalAmount') ?? 0,
    chargeTotalMinor: read.amount(totals, 'ChargeTotalAmount') ?? 0,
    taxExclusiveMinor: needed('TaxExclusiveAmount', 'BR-13'),
    taxMinor: tax ? read.requiredAmount(tax, 'TaxAmount', 'BR-CO-14') : 0,
    taxInclusiveMinor: needed('TaxInclusiveAmount', 'BR-14'),
    prepaidMinor: read.amount(totals, 'PrepaidAmount') ?? 0,
    roundingMinor: read.amount(totals, 'PayableRoundingAmount') ?? 0,
    payableMinor: needed('PayableAmount', 'BR-15'),
  };
}

function readAttachments(read: UblReading, root: XmlElement): UblAttachment[] {
  const others = read.groups(root, 'AdditionalDocumentReference').filter((other) => {
    const code = read.text(other, 'DocumentTypeCode');
    return code !== OBJECT && code !== PROJECT;
  });
  return others.map((other) => {
    const attachment = read.group(other, 'Attachment');
    const embedded = attachment?.children.find((child) => child.name === 'EmbeddedDocumentBinaryObject');
    return {
      id: read.required(other, 'ID', 'BR-52'),
      ...optional('description', read.text(other, 'DocumentDescription')),
      ...optional('uri', read.text(read.group(attachment, 'ExternalReference'), 'URI')),
      ...optional('fileName', embedded?.attributes.get('filename')),
      ...optional('mimeCode', embedded?.attributes.get('mimeCode')),
      embedded: embedded !== undefined,
    };
  });
}
