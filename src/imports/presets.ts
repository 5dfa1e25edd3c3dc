import { type KnownColumns, plainName, type TableKind } from './columns.ts';

/** Programs whose exports are known. */
export const PRESETS = [
  'quickbooks',
  'xero',
  'stripe',
  'freshbooks',
  'zoho',
  'wave',
  'invoice-ninja',
] as const;
export type PresetName = (typeof PRESETS)[number];

/** One of the files that a program exports. */
export interface Preset {
  readonly from: PresetName;
  /** For people: `QuickBooks invoices`. */
  readonly title: string;
  readonly kind: 'customers' | 'invoices';
  /** Columns that no other file has together. */
  readonly signs: readonly string[];
  readonly columns: KnownColumns;
  /** Where every row is a line of an invoice, which is repeated beside it. */
  readonly lines?: KnownColumns;
  /** Numbers are written for programs, whatever the reader's language. */
  readonly hasPoint?: true;
}

const BILL_TO_PO = {
  billing_address1: 'POAddressLine1', billing_address2: 'POAddressLine2', billing_city: 'POCity', billing_state: 'PORegion',
  billing_postal_code: 'POPostalCode', billing_country: 'POCountry',
}; // prettier-ignore

/** The files as their programs name their columns. */
const ALL: readonly Preset[] = [
  {
    from: 'quickbooks', title: 'QuickBooks customers', kind: 'customers',
    signs: ['Name', 'Company name', 'Street Address', 'Zip'],
    columns: {
      number: ['Customer ID', 'Account number'], name: ['Name', 'Company name'], company: 'Company name', email: 'Email', phone: 'Phone', address1: 'Street Address',
      city: 'City', state: 'State', postal_code: 'Zip', country: 'Country', currency: 'Currency', notes: 'Notes', payment_terms: 'Terms',
    },
  },
  {
    from: 'quickbooks', title: 'QuickBooks invoices', kind: 'invoices',
    signs: ['InvoiceNo', 'Customer', 'InvoiceDate', 'ItemAmount'],
    columns: {
      number: 'InvoiceNo', customer: 'Customer', date: 'InvoiceDate', due_date: 'DueDate', payment_terms: 'Terms', notes: 'Memo', currency: 'Currency',
      tax: 'TaxAmount', shipping: 'Shipping', discount: 'DiscountAmount',
    },
    lines: {
      invoice: 'InvoiceNo', name: ['Item(Product/Service)', 'ItemDescription'], description: 'ItemDescription', quantity: 'ItemQuantity', unit_cost: 'ItemRate',
      amount: 'ItemAmount', tax: 'ItemTaxAmount',
    },
  },
  {
    from: 'quickbooks', title: 'QuickBooks transactions', kind: 'invoices',
    signs: ['Transaction type', 'Num', 'Customer', 'Amount'],
    columns: {
      number: 'Num', customer: ['Customer', 'Name'], date: 'Date', due_date: 'Due date', notes: ['Memo', 'Memo/Description'], total: 'Amount',
      balance: 'Open balance', status: 'Status', type: 'Transaction type', currency: 'Currency', payment_terms: 'Terms',
    },
  },
  {
    from: 'xero', title: 'Xero contacts', kind: 'customers',
    signs: ['ContactName', 'AccountNumber', 'EmailAddress', 'POAddressLine1'],
    columns: {
      number: 'AccountNumber', name: 'ContactName', first_name: 'FirstName', last_name: 'LastName', email: 'EmailAddress', phone: ['PhoneNumber', 'MobileNumber'],
      attention_to: 'POAttentionTo', address1: ['POAddressLine1', 'SAAddressLine1'], address2: ['POAddressLine2', 'SAAddressLine2'], city: ['POCity', 'SACity'],
      state: ['PORegion', 'SARegion'], postal_code: ['POPostalCode', 'SAPostalCode'], country: ['POCountry', 'SACountry'], tax_id: 'TaxNumber',
      currency: 'DefaultCurrency',
    },
  },
  {
    from: 'xero', title: 'Xero invoices', kind: 'invoices',
    signs: ['ContactName', 'InvoiceNumber', 'InvoiceDate', 'UnitAmount', 'AccountCode'],
    columns: {
      number: 'InvoiceNumber', customer: 'ContactName', date: 'InvoiceDate', due_date: 'DueDate', purchase_order: 'Reference', total: 'Total', tax: 'TaxTotal',
      paid: 'InvoiceAmountPaid', balance: 'InvoiceAmountDue', currency: 'Currency', type: 'Type', status: 'Status', ...BILL_TO_PO,
    },
    lines: {
      invoice: 'InvoiceNumber', name: ['Description', 'InventoryItemCode'], quantity: 'Quantity', unit_cost: 'UnitAmount', discount_percent: 'Discount',
      amount: 'LineAmount', tax: 'TaxAmount',
    },
  },
  {
    from: 'stripe', title: 'Stripe customers', kind: 'customers', hasPoint: true,
    signs: ['id', 'Description', 'Email', 'Created (UTC)', 'Delinquent'],
    columns: {
      number: 'id', name: ['Name', 'Description', 'Card Name', 'Email', 'id'], email: 'Email', phone: 'Phone', currency: 'Currency', tax_id: 'Business Vat ID',
      address1: ['Address Line1', 'Card Address Line1'], address2: ['Address Line2', 'Card Address Line2'], city: ['Address City', 'Card Address City'],
      state: ['Address State', 'Card Address State'], postal_code: ['Address Postal Code', 'Card Address Zip'],
      country: ['Address Country', 'Card Address Country'],
    },
  },
  {
    from: 'stripe', title: 'Stripe invoices', kind: 'invoices', hasPoint: true,
    signs: ['id', 'Customer', 'Amount Due', 'Amount Paid', 'Number', 'Date (UTC)'],
    columns: {
      number: ['Number', 'id'], customer: 'Customer', date: ['Date (UTC)', 'Finalized At (UTC)', 'Created (UTC)'], due_date: 'Due Date (UTC)', currency: 'Currency',
      total: 'Total', discount: 'Total Discount Amount', tax: 'Tax', paid: 'Amount Paid', balance: 'Amount Remaining', paid_date: 'Paid At (UTC)', status: 'Status',
      notes: 'Description',
    },
  },
  {
    from: 'freshbooks', title: 'FreshBooks clients', kind: 'customers',
    signs: ['Organization', 'First Name', 'Last Name', 'Province/State'],
    columns: {
      number: 'Client ID', name: 'Organization', company: 'Organization', first_name: 'First Name', last_name: 'Last Name', email: 'Email',
      phone: ['Phone', 'Business Phone', 'Mobile'], address1: ['Street', 'Address Line 1'], address2: ['Street 2', 'Address Line 2'], city: 'City',
      state: 'Province/State', postal_code: 'Postal Code', country: 'Country', notes: 'Notes', currency: 'Currency', language: 'Language', tax_id: 'VAT Number',
    },
  },
  {
    from: 'freshbooks', title: 'FreshBooks invoices', kind: 'invoices', hasPoint: true,
    signs: ['Client Name', 'Invoice #', 'Date Issued', 'Line Subtotal'],
    columns: {
      number: 'Invoice #', customer: 'Client Name', date: 'Date Issued', due_date: ['Due Date', 'Date Due'], currency: 'Currency', status: 'Invoice Status',
      paid_date: 'Date Paid', purchase_order: 'PO Number',
    },
    lines: {
      invoice: 'Invoice #', name: ['Item Name', 'Item Description'], description: 'Item Description', quantity: 'Quantity', unit_cost: 'Rate',
      discount_percent: 'Discount Percentage', amount: 'Line Subtotal', tax: 'Tax 1 Amount', tax2: 'Tax 2 Amount',
    },
  },
  {
    from: 'zoho', title: 'Zoho contacts', kind: 'customers', hasPoint: true,
    signs: ['Contact ID', 'Display Name', 'Billing Code'],
    columns: {
      number: ['Customer Number', 'Contact Number', 'Display Name'], name: ['Display Name', 'Company Name'], company: 'Company Name', first_name: 'First Name',
      last_name: 'Last Name', email: ['EmailID', 'Email'], phone: ['Phone', 'MobilePhone'], currency: 'Currency Code', notes: 'Notes',
      payment_terms: 'Payment Terms Label', address1: 'Billing Address', address2: 'Billing Street2', city: 'Billing City', state: 'Billing State',
      postal_code: 'Billing Code', country: 'Billing Country', tax_id: ['GST Identification Number (GSTIN)', 'Tax Registration Number'],
    },
  },
  {
    from: 'zoho', title: 'customers of Zoho invoices', kind: 'customers', hasPoint: true,
    signs: ['Invoice ID', 'Invoice Number', 'Customer Name', 'Item Price'],
    columns: {
      number: 'Customer Name', name: 'Customer Name', company: 'Company Name', currency: 'Currency Code', address1: 'Billing Address', city: 'Billing City',
      state: 'Billing State', postal_code: 'Billing Code', country: 'Billing Country', phone: 'Billing Phone',
    },
  },
  {
    from: 'zoho', title: 'Zoho invoices', kind: 'invoices', hasPoint: true,
    signs: ['Invoice Date', 'Invoice ID', 'Invoice Number', 'Customer Name', 'Item Price'],
    columns: {
      number: 'Invoice Number', customer: ['Customer Name', 'Customer ID'], date: 'Invoice Date', due_date: 'Due Date', currency: 'Currency Code',
      purchase_order: ['PurchaseOrder', 'Purchase Order'], name: 'Subject', notes: 'Notes', payment_terms: 'Payment Terms Label', status: 'Invoice Status',
      discount: 'Entity Discount Amount', shipping: 'Shipping Charge', adjustment: 'Adjustment', rounding: 'Round Off', total: 'Total', balance: 'Balance',
      paid_date: 'Last Payment Date', billing_address1: 'Billing Address', billing_city: 'Billing City', billing_state: 'Billing State',
      billing_postal_code: 'Billing Code', billing_country: 'Billing Country',
    },
    lines: {
      invoice: 'Invoice Number', name: ['Item Name', 'Item Desc'], description: 'Item Desc', quantity: 'Quantity', unit: 'Usage unit', unit_cost: 'Item Price',
      discount: 'Discount Amount', amount: 'Item Total', tax: ['Item Tax Amount', 'Tax Amount'],
    },
  },
  {
    from: 'wave', title: 'Wave customers', kind: 'customers',
    signs: ['customer_name', 'contact_first_name', 'customer_currency'],
    columns: {
      number: 'account_number', name: 'customer_name', first_name: 'contact_first_name', last_name: 'contact_last_name', email: 'email',
      phone: ['phone', 'mobile', 'toll_free'], currency: 'customer_currency', address1: 'address_line_1', address2: 'address_line_2', city: 'city',
      state: 'province/state', postal_code: 'postal_code/zip_code', country: 'country',
    },
  },
  {
    from: 'invoice-ninja', title: 'Invoice Ninja clients', kind: 'customers',
    signs: ['Name', 'Balance', 'Paid to Date', 'Billing Street', 'ID Number'],
    columns: {
      number: 'ID Number', name: 'Name', first_name: 'First Name', last_name: 'Last Name', email: 'Email', phone: 'Phone', tax_id: 'VAT Number',
      currency: 'Currency', address1: 'Billing Street', address2: 'Billing Apt/Suite', city: 'Billing City', state: 'Billing State/Province',
      postal_code: 'Billing Postal Code', country: 'Billing Country', notes: 'Private Notes',
    },
  },
  {
    from: 'invoice-ninja', title: 'Invoice Ninja invoices', kind: 'invoices',
    signs: ['Client', 'Invoice Number', 'Partial/Deposit', 'Item Cost'],
    columns: {
      number: 'Invoice Number', customer: 'Client', date: 'Invoice Date', due_date: 'Due Date', total: 'Amount', paid: 'Paid', purchase_order: 'PO Number',
      status: 'Status', notes: 'Public Notes', currency: 'Currency', discount: 'Discount',
    },
    lines: {
      invoice: 'Invoice Number', name: ['Item Product', 'Item Notes'], description: 'Item Notes', unit_cost: 'Item Cost', quantity: 'Item Quantity',
    },
  },
]; // prettier-ignore

/** The export that a header is of, the one with most signs if several fit; only those of one program where it is named. */
export function presetOf(kind: TableKind, header: readonly string[], from?: PresetName): Preset | undefined {
  const names = new Set(header.map(plainName));
  const fitting = ALL.filter(
    (preset) =>
      preset.kind === kind &&
      (from === undefined || preset.from === from) &&
      preset.signs.every((sign) => names.has(plainName(sign))),
  );
  return fitting.toSorted((a, b) => b.signs.length - a.signs.length)[0];
}
