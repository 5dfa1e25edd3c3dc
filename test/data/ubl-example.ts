/** Our own UBL documents, put together from figures as a sender would state them; nothing is computed here. */
export interface UblExample {
  readonly root?: 'Invoice' | 'CreditNote';
  readonly typeCode?: string;
  readonly currency?: string;
  readonly lines: readonly ExampleLine[];
  readonly allowances?: readonly ExampleAllowance[];
  readonly taxes: readonly ExampleTax[];
  readonly taxTotal: string;
  /** Element name of LegalMonetaryTotal → amount. */
  readonly totals: Readonly<Record<string, string>>;
  /** Elements between the header and the supplier. */
  readonly references?: string;
  readonly before?: string;
}

export interface ExampleLine {
  readonly quantity: string;
  readonly price: string;
  readonly amount: string;
  readonly vat: string;
  readonly baseQuantity?: string;
  readonly allowances?: readonly ExampleAllowance[];
  readonly gross?: readonly [price: string, discount: string];
}

export interface ExampleAllowance {
  readonly charge: boolean;
  readonly amount: string;
  readonly percent?: string;
  readonly base?: string;
  /** `S 25`; on lines there is none. */
  readonly vat?: string;
}

export interface ExampleTax {
  readonly vat: string;
  readonly taxable: string;
  readonly tax: string;
  readonly reason?: string;
}

const CAC = 'urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2';
const CBC = 'urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2';

export function ublExample(example: UblExample): string {
  const { root = 'Invoice', currency = 'EUR' } = example;
  const amount = (name: string, value: string) => `<cbc:${name} currencyID="${currency}">${value}</cbc:${name}>`;
  const totals = Object.entries(example.totals).map(([name, value]) => amount(name, value));
  return `<?xml version="1.0" encoding="UTF-8"?>
${example.before ?? ''}<${root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:${root}-2" xmlns:cac="${CAC}" xmlns:cbc="${CBC}">
<cbc:ID>E-1</cbc:ID>
<cbc:IssueDate>2026-01-15</cbc:IssueDate>
<cbc:${root}TypeCode>${example.typeCode ?? (root === 'Invoice' ? '380' : '381')}</cbc:${root}TypeCode>
<cbc:DocumentCurrencyCode>${currency}</cbc:DocumentCurrencyCode>
${example.references ?? ''}
${party('AccountingSupplierParty', 'Atelier Nord')}
${party('AccountingCustomerParty', 'Łódzka Księgarnia')}
${(example.allowances ?? []).map((allowance) => allowanceXml(allowance, currency)).join('')}
<cac:TaxTotal>${amount('TaxAmount', example.taxTotal)}
${example.taxes.map((tax) => taxXml(tax, amount)).join('\n')}
</cac:TaxTotal>
<cac:LegalMonetaryTotal>${totals.join('')}</cac:LegalMonetaryTotal>
${example.lines.map((line, i) => lineXml(line, i + 1, root, currency)).join('\n')}
</${root}>`;
}

/** One line of 100.00 under S at 20 %: the plainest document that ties out. */
export const PLAIN: UblExample = {
  lines: [{ quantity: '4', price: '25', amount: '100.00', vat: 'S 20' }],
  taxes: [{ vat: 'S 20', taxable: '100.00', tax: '20.00' }],
  taxTotal: '20.00',
  totals: {
    LineExtensionAmount: '100.00',
    TaxExclusiveAmount: '100.00',
    TaxInclusiveAmount: '120.00',
    PayableAmount: '120.00',
  },
};

function party(name: string, title: string): string {
  return `<cac:${name}><cac:Party><cac:PartyLegalEntity><cbc:RegistrationName>${title}</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:${name}>`;
}

function category(name: string, vat: string, inner = ''): string {
  const [code, percent] = vat.split(' ');
  const rate = percent === undefined ? '' : `<cbc:Percent>${percent}</cbc:Percent>`;
  const scheme = '<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>';
  return `<cac:${name}><cbc:ID>${code}</cbc:ID>${rate}${inner}${scheme}</cac:${name}>`;
}

function taxXml(tax: ExampleTax, amount: (name: string, value: string) => string): string {
  const reason = tax.reason === undefined ? '' : `<cbc:TaxExemptionReason>${tax.reason}</cbc:TaxExemptionReason>`;
  const figures = amount('TaxableAmount', tax.taxable) + amount('TaxAmount', tax.tax);
  return `<cac:TaxSubtotal>${figures}${category('TaxCategory', tax.vat, reason)}</cac:TaxSubtotal>`;
}

function allowanceXml(allowance: ExampleAllowance, currency: string): string {
  const amount = (name: string, value: string | undefined) =>
    value === undefined ? '' : `<cbc:${name} currencyID="${currency}">${value}</cbc:${name}>`;
  const percent = allowance.percent === undefined ? '' : `<cbc:MultiplierFactorNumeric>${allowance.percent}</cbc:MultiplierFactorNumeric>`;
  return `<cac:AllowanceCharge><cbc:ChargeIndicator>${allowance.charge}</cbc:ChargeIndicator>
<cbc:AllowanceChargeReason>agreed</cbc:AllowanceChargeReason>${percent}${amount('Amount', allowance.amount)}${amount('BaseAmount', allowance.base)}
${allowance.vat === undefined ? '' : category('TaxCategory', allowance.vat)}</cac:AllowanceCharge>`;
}

function lineXml(line: ExampleLine, id: number, root: string, currency: string): string {
  const quantity = root === 'Invoice' ? 'InvoicedQuantity' : 'CreditedQuantity';
  const base = line.baseQuantity === undefined ? '' : `<cbc:BaseQuantity>${line.baseQuantity}</cbc:BaseQuantity>`;
  const [gross, discount] = line.gross ?? [];
  const rebate =
    gross === undefined
      ? ''
      : `<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:Amount currencyID="${currency}">${discount}</cbc:Amount><cbc:BaseAmount currencyID="${currency}">${gross}</cbc:BaseAmount></cac:AllowanceCharge>`;
  return `<cac:${root}Line><cbc:ID>${id}</cbc:ID>
<cbc:${quantity} unitCode="C62">${line.quantity}</cbc:${quantity}>
<cbc:LineExtensionAmount currencyID="${currency}">${line.amount}</cbc:LineExtensionAmount>
${(line.allowances ?? []).map((allowance) => allowanceXml(allowance, currency)).join('')}
<cac:Item><cbc:Name>Thing ${id}</cbc:Name>${category('ClassifiedTaxCategory', line.vat)}</cac:Item>
<cac:Price><cbc:PriceAmount currencyID="${currency}">${line.price}</cbc:PriceAmount>${base}${rebate}</cac:Price>
</cac:${root}Line>`;
}
