import type { CustomerPlan, LinePlan, MerchantPlan } from './plan.ts';

const CATALOGUE = {
  seats: {
    name: 'Team seats',
    description: 'Fleet tracking, per vehicle and month',
    unit: 'month',
    unitCost: '24.00',
  },
  sensor: { name: 'Temperature sensor TS-2', unit: 'piece', unitCost: '118.50' },
  tracker: { name: 'GPS tracker with SIM, 24 months', unit: 'piece', unitCost: '189.00' },
  install: { name: 'Installation at your depot', unit: 'hour', unitCost: '95.00' },
  support: { name: 'Priority support', unit: 'month', unitCost: '450.00' },
  export: { name: 'Custom report', unit: 'piece', unitCost: '1250.00' },
} as const satisfies Record<string, Omit<LinePlan, 'quantity'>>;

type Article = keyof typeof CATALOGUE;

function goods(...articles: ReadonlyArray<readonly [Article, number]>): readonly LinePlan[] {
  return articles.map(([article, count]) => ({ ...CATALOGUE[article], quantity: String(count) }));
}

const RIVERA = 'maria.rivera@harborline.example';

const harborline: CustomerPlan = {
  number: 'C-1001',
  shows: 'late, open and paid invoices in dollars',
  name: 'Harborline Freight, Inc.',
  attentionTo: 'Maria Rivera',
  email: RIVERA,
  phone: '+1 718 555 0142',
  address1: '410 Van Brunt Street',
  address2: 'Suite 3B',
  city: 'Brooklyn',
  region: 'NY',
  postalCode: '11231',
  country: 'US',
  taxId: '84-2913388',
  paymentTerms: 'NET 30',
  contacts: [{ name: 'Accounts payable', email: 'ap@harborline.example', role: 'payer' }],
  invoices: [
    { number: 'G-20411', day: -95, due: -65, lines: goods(['seats', 42], ['support', 1]) },
    { number: 'G-20455', day: -64, due: -34, lines: goods(['seats', 42], ['tracker', 6]) },
    {
      number: 'G-20502',
      day: -34,
      due: -4,
      purchaseOrder: 'HF-8812',
      lines: goods(['seats', 45], ['sensor', 12]),
    },
    { number: 'G-20548', day: -5, due: 25, lines: goods(['seats', 45], ['support', 1], ['export', 1]) },
  ],
  payments: [{ day: -66, invoices: ['G-20411'], card: 'visa', holder: 'Maria Rivera', receiptEmail: RIVERA }],
  methods: [
    { kind: 'visa', holder: 'Maria Rivera' },
    { kind: 'account', holder: 'Harborline Freight, Inc.', waits: true },
  ],
  estimates: [
    {
      number: 'Q-3301',
      day: -3,
      expires: 27,
      lines: goods(['tracker', 20], ['install', 12]),
    },
  ],
};

const cascade: CustomerPlan = {
  number: 'C-1002',
  shows: 'everything is paid',
  name: 'Cascade Dairy Cooperative',
  attentionTo: 'Ben Whitaker',
  email: 'ben@cascadedairy.example',
  address1: '77 Creamery Road',
  city: 'Burlington',
  region: 'VT',
  postalCode: '05401',
  country: 'US',
  invoices: [
    { number: 'G-20399', day: -101, due: -71, tax: 'none', lines: goods(['sensor', 24], ['install', 10]) },
    { number: 'G-20476', day: -50, due: -20, tax: 'none', lines: goods(['seats', 12]) },
  ],
  payments: [{ day: -40, invoices: ['G-20399', 'G-20476'], card: 'mastercard', holder: 'Ben Whitaker' }],
};

const foundry: CustomerPlan = {
  number: 'C-1003',
  shows: 'one invoice that is due today',
  name: 'Foundry Row Movers LLC',
  attentionTo: 'Aisha Okafor',
  email: 'billing@foundryrow.example',
  address1: '1500 Clipper Mill Road',
  city: 'Baltimore',
  region: 'MD',
  postalCode: '21211',
  country: 'US',
  invoices: [
    { number: 'G-20510', day: -30, due: 0, tax: 'none', lines: goods(['seats', 18], ['tracker', 18]) },
    { number: 'G-20490', day: -40, due: -10, tax: 'none', lines: goods(['tracker', 32], ['install', 16]) },
  ],
  methods: [{ kind: 'mastercard', holder: 'Aisha Okafor' }],
  plans: [{ invoice: 'G-20490', count: 8, every: 'week', first: -10, approved: -12 }],
};

const tokyo: CustomerPlan = {
  number: 'C-1004',
  shows: 'a currency without cents',
  name: '東京物流株式会社 (Tokyo Logistics)',
  attentionTo: '佐藤 美咲',
  email: 'keiri@tokyo-logistics.example',
  currency: 'JPY',
  address1: '港区芝浦 3-4-1',
  city: 'Tokyo',
  postalCode: '108-0023',
  country: 'JP',
  invoices: [
    {
      number: 'G-20533',
      day: -14,
      due: 16,
      tax: 'none',
      lines: [{ name: 'Fleet tracking, yearly', quantity: '36', unit: 'vehicle', unitCost: '41500' }],
    },
  ],
};

/** Tracking for fleets, from New York, in dollars. */
export const GLOBEX: MerchantPlan = {
  username: 'globex',
  name: 'Globex Fleet Systems, Inc.',
  currency: 'USD',
  timeZone: 'America/New_York',
  language: 'en-US',
  country: 'US',
  email: 'billing@globex-fleet.example',
  phone: '+1 212 555 0199',
  website: 'https://globex-fleet.example',
  taxId: '13-4920175',
  address1: '88 Pine Street, Floor 14',
  city: 'New York',
  region: 'NY',
  postalCode: '10005',
  settings: {
    'brand.accent': '#4f46e5',
    'portal.support_email': 'billing@globex-fleet.example',
    'documents.paper': 'Letter',
    'payments.fee_percent': '2.9',
    'payments.advance': 'on',
    'payments.instructions_wire_transfer':
      'Globex Fleet Systems, Inc.\nRouting 021000021\nAccount 000123456789',
    'payments.instructions_check':
      'Payable to Globex Fleet Systems, Inc.\n88 Pine Street, Floor 14\nNew York, NY 10005',
    'documents.payment_instructions':
      'ACH or wire to Globex Fleet Systems, Inc., routing 021000021, account 000123456789. Please give the invoice number.',
  },
  prefix: 'G',
  tax: { name: 'Sales tax (NY 8.875%)', percent: '8.875' },
  customers: [harborline, cascade, foundry, tokyo],
  collected: [-9, -2],
};
