import type { CustomerPlan, InvoicePlan, LinePlan, MerchantPlan } from './plan.ts';
import { FAIR_LINES, GOODS, rotation, STANDING_ORDER } from './goods.ts';

const ANNA = 'anna.berger@morgenrot.example';

const morgenrot: CustomerPlan = {
  number: 'CUST-00001',
  shows: 'a busy account: open, late in every range, partly paid, being paid, credit',
  name: 'Kaffeehaus Morgenrot GmbH',
  attentionTo: 'Anna Berger',
  email: ANNA,
  phone: '+49 30 5550 1234',
  address1: 'Kastanienallee 42',
  city: 'Berlin',
  postalCode: '10435',
  country: 'DE',
  taxId: 'DE811907980',
  paymentTerms: 'NET 14',
  contacts: [
    { name: 'Jonas Feld', email: 'buchhaltung@morgenrot.example', title: 'Accounts payable', role: 'payer' },
    { name: 'Mira Wolf', email: 'mira.wolf@morgenrot.example', title: 'Shop manager', role: 'viewer' },
  ],
  invoices: [
    { number: 'INV-1001', day: -118, due: -104, lines: GOODS('beans', 24, 'filter', 6) },
    { number: 'INV-1002', day: -96, due: -82, lines: GOODS('cups', 48, 'beans', 10) },
    {
      number: 'INV-1003',
      day: -89,
      due: -75,
      purchaseOrder: 'PO-2231',
      lines: GOODS('grinder', 1, 'descaler', 4),
    },
    { number: 'INV-1004', day: -60, due: -46, lines: GOODS('beans', 30, 'oat', 20), discountPercent: '3' },
    { number: 'INV-1005', day: -38, due: -24, lines: GOODS('service', 3, 'gasket', 8) },
    { number: 'INV-1006', day: -26, due: -12, lines: GOODS('beans', 28, 'syrup', 12), shipping: '6.90' },
    {
      number: 'INV-1007',
      day: -19,
      due: -5,
      purchaseOrder: 'PO-2260',
      lines: GOODS('paper', 40, 'cups', 24),
    },
    { number: 'INV-1008', day: -12, due: 2, lines: GOODS('oat', 36, 'beans', 12) },
    {
      number: 'INV-1009',
      day: -7,
      due: 7,
      lines: GOODS('machine', 1, 'training', 4),
      notes: 'Installed by our service team; two years’ warranty on parts and work.',
    },
    { number: 'INV-1010', day: -4, due: 10, lines: GOODS('beans', 20, 'chocolate', 10) },
    {
      number: 'INV-1011',
      day: -1,
      due: 13,
      purchaseOrder: 'PO-2274',
      lines: GOODS('syrup', 18, 'paper', 20),
    },
  ],
  payments: [
    { day: -105, invoices: ['INV-1001'], card: 'visa', holder: 'Anna Berger' },
    { day: -84, invoices: ['INV-1002'], card: 'mastercard', holder: 'Anna Berger', receiptEmail: ANNA },
    { day: -20, invoice: 'INV-1004', transfer: '250.00', reference: 'MORGENROT TEILZAHLUNG 1004' },
    { day: -1, invoices: ['INV-1008'], card: 'slow', holder: 'Anna Berger' },
  ],
  creditNotes: [
    {
      number: 'CN-0001',
      day: -15,
      lines: [{ name: 'Returned: porcelain cups with transport damage', quantity: '6', unitCost: '8.40' }],
    },
  ],
  estimates: [
    {
      number: 'EST-0118',
      day: -9,
      expires: 12,
      deposit: '30',
      lines: GOODS('machine', 2, 'training', 6),
      notes: 'For the second bar in the courtyard. Delivery within three weeks of your approval.',
    },
    {
      number: 'EST-0104',
      day: -70,
      expires: -40,
      lines: GOODS('grinder', 2, 'service', 4),
      answer: { day: -66, initials: 'AB' },
    },
    { number: 'EST-0097', day: -110, expires: -80, lines: GOODS('beans', 400, 'filter', 120) },
    {
      number: 'EST-0093',
      day: -124,
      expires: -96,
      lines: GOODS('chocolate', 60, 'syrup', 40),
      answer: { day: -117, reason: 'We found a supplier nearer to us.' },
    },
  ],
  methods: [
    { kind: 'visa', holder: 'Anna Berger', name: 'Company card', expiresIn: 1 },
    { kind: 'iban', holder: 'Kaffeehaus Morgenrot GmbH' },
  ],
  plans: [{ invoice: 'INV-1009', count: 6, every: 'month', first: 10 }],
};

const lesezeichen: CustomerPlan = {
  number: 'CUST-00002',
  shows: 'nothing was ever billed',
  name: 'Buchhandlung Lesezeichen',
  attentionTo: 'Paul Neumann',
  email: 'kontakt@lesezeichen.example',
  address1: 'Lange Reihe 12',
  city: 'Hamburg',
  postalCode: '20099',
  country: 'DE',
  invoices: [],
};

const nordlicht: CustomerPlan = {
  number: 'CUST-00003',
  shows: 'everything is paid',
  name: 'Atelier Nordlicht',
  attentionTo: 'Solveig Dahl',
  email: 'solveig@nordlicht.example',
  address1: 'Schanzenstraße 8',
  city: 'Kiel',
  postalCode: '24103',
  country: 'DE',
  invoices: [
    { number: 'INV-1101', day: -92, due: -78, lines: GOODS('beans', 4, 'filter', 2) },
    { number: 'INV-1102', day: -61, due: -47, lines: GOODS('beans', 4, 'chocolate', 3) },
    { number: 'INV-1103', day: -30, due: -16, lines: GOODS('beans', 6, 'oat', 6) },
  ],
  payments: [
    { day: -80, invoices: ['INV-1101'], card: 'visa', holder: 'Solveig Dahl' },
    {
      day: -18,
      invoices: ['INV-1102', 'INV-1103'],
      card: 'visa',
      holder: 'Solveig Dahl',
      receiptEmail: 'solveig@nordlicht.example',
    },
  ],
  refunds: [
    { day: -60, invoice: 'INV-1101', amount: '19.50', reason: 'One bag of filter roast was damaged' },
  ],
};

const uhrwerk: CustomerPlan = {
  number: 'CUST-00004',
  shows: 'open, none of it due yet',
  name: 'Uhrwerk Coworking AG',
  attentionTo: 'Deniz Yıldız',
  email: 'finance@uhrwerk.example',
  address1: 'Europaallee 21',
  city: 'Zürich',
  postalCode: '8004',
  country: 'CH',
  paymentTerms: 'NET 30',
  invoices: [
    { number: 'INV-1201', day: -9, due: 21, tax: 'none', lines: GOODS('machine', 2, 'training', 8) },
    { number: 'INV-1202', day: -2, due: 28, tax: 'none', lines: GOODS('beans', 60, 'oat', 48) },
  ],
  methods: [{ kind: 'visa', holder: 'Deniz Yıldız' }],
  autopay: { day: -100 },
};

const petrol: CustomerPlan = {
  number: 'CUST-00005',
  shows: 'a payment that is still on its way covers all that is open',
  name: 'Bistro Petrol & Söhne OHG',
  attentionTo: 'Günther Öztürk',
  email: 'guenther@bistro-petrol.example',
  address1: 'Weißgerberstraße 3',
  city: 'Köln',
  postalCode: '50677',
  country: 'DE',
  invoices: [
    { number: 'INV-1301', day: -16, due: -2, lines: GOODS('cups', 60, 'syrup', 6) },
    { number: 'INV-1302', day: -8, due: 6, lines: GOODS('beans', 14, 'paper', 10) },
  ],
  payments: [{ day: 0, invoices: ['INV-1301', 'INV-1302'], card: 'slow', holder: 'Günther Öztürk' }],
};

const grenzland: CustomerPlan = {
  number: 'CUST-00006',
  shows: 'two currencies',
  name: 'Grenzland Hotels SA',
  attentionTo: 'Chloé Rochat',
  email: 'comptabilite@grenzland.example',
  currency: 'CHF',
  address1: 'Rue du Rhône 88',
  city: 'Genève',
  postalCode: '1204',
  country: 'CH',
  paymentTerms: 'NET 30',
  invoices: [
    {
      number: 'INV-1401',
      day: -40,
      due: -10,
      currency: 'CHF',
      tax: 'none',
      lines: GOODS('machine', 1, 'beans', 40),
    },
    {
      number: 'INV-1402',
      day: -21,
      due: 9,
      currency: 'EUR',
      tax: 'none',
      lines: GOODS('cups', 120, 'chocolate', 24),
    },
    {
      number: 'INV-1403',
      day: -5,
      due: 25,
      currency: 'CHF',
      tax: 'none',
      lines: GOODS('training', 6, 'descaler', 10),
    },
  ],
};

const longName: CustomerPlan = {
  number: 'CUST-00007',
  shows: 'a very long name',
  name: 'Gemeinnützige Bildungs- und Kulturgenossenschaft Oberbayerische Seenlandschaft „Kaffee, Kuchen & Kleinkunst“ eG in Gründung',
  attentionTo: 'Dr. Maximiliane von Hohenfels-Wittelsbacher-Schönborn',
  email: 'rechnungswesen@kaffee-kuchen-kleinkunst-oberbayerische-seenlandschaft.example',
  address1: 'An der alten Schiffsanlegestelle hinter dem Bahnhof 117 b',
  address2: 'Hinterhaus, 3. Aufgang, bei Familie Niedermeier klingeln',
  city: 'Starnberg',
  postalCode: '82319',
  country: 'DE',
  invoices: [
    {
      number: 'INV-1501',
      day: -17,
      due: -3,
      purchaseOrder: 'BESTELLUNG-2026-KULTURSOMMER-NACHTRAG-000047-B',
      lines: [
        {
          name: 'Sonderanfertigung: handbemalte Porzellantassen mit Vereinswappen, spülmaschinenfest, im Geschenkkarton mit Widmung',
          description:
            'Motiv nach Ihrem Entwurf vom Frühjahr; Freigabe durch Frau Dr. von Hohenfels-Wittelsbacher-Schönborn',
          quantity: '250',
          unit: 'piece',
          unitCost: '11.875',
        },
      ],
    },
  ],
};

const messe: CustomerPlan = {
  number: 'CUST-00008',
  shows: 'an invoice of 40 lines',
  name: 'Messebau Rheinwerk GmbH & Co. KG',
  attentionTo: 'Lena Krämer',
  email: 'einkauf@rheinwerk.example',
  address1: 'Am Handelshafen 5',
  city: 'Düsseldorf',
  postalCode: '40221',
  country: 'DE',
  invoices: [
    {
      number: 'INV-1601',
      day: -6,
      due: 8,
      purchaseOrder: 'RW-77120',
      lines: FAIR_LINES,
      discountPercent: '5',
      shipping: '89.00',
    },
  ],
  promises: [
    {
      invoice: 'INV-1601',
      method: 'wire_transfer',
      expected: 6,
      reference: 'RW-77120',
      notes: 'Goes out with our payment run on Friday.',
    },
  ],
};

const hafenblick: CustomerPlan = {
  number: 'CUST-00013',
  shows: 'AutoPay that could not collect',
  name: 'Rösterei Hafenblick KG',
  attentionTo: 'Malte Jensen',
  email: 'malte@hafenblick.example',
  address1: 'Am Sandtorkai 30',
  city: 'Hamburg',
  postalCode: '20457',
  country: 'DE',
  invoices: [
    { number: 'INV-1801', day: -16, due: -2, lines: GOODS('beans', 18, 'cups', 12) },
    { number: 'INV-1802', day: -2, due: 12, lines: GOODS('filter', 10, 'paper', 8) },
  ],
  methods: [{ kind: 'declining card', holder: 'Malte Jensen' }],
  autopay: { day: -15 },
};

const twins: readonly CustomerPlan[] = ['Mitte', 'Neukölln'].map((place, i) => ({
  number: `CUST-0000${9 + i}`.replace('000010', '00010'),
  shows: 'one e-mail address on two accounts',
  name: `Bäckerei Sonnenschein ${place}`,
  attentionTo: 'Fatma Aydın',
  email: 'fatma@sonnenschein.example',
  address1: i === 0 ? 'Torstraße 140' : 'Karl-Marx-Straße 201',
  city: 'Berlin',
  postalCode: i === 0 ? '10119' : '12055',
  country: 'DE',
  invoices: [
    { number: `INV-17${i}1`, day: -33 + i, due: -19 + i, lines: GOODS('beans', 8 + i, 'oat', 12) },
    { number: `INV-17${i}2`, day: -3, due: 11, lines: GOODS('paper', 15, 'cups', 12 + i) },
  ],
  payments: [{ day: -21, invoices: [`INV-17${i}1`], card: 'mastercard' as const, holder: 'Fatma Aydın' }],
}));

/** One invoice a week for two and a half years; all but the newest are paid, several at a time. */
const weeks = Array.from({ length: 130 }, (_, i) => ({ number: `INV-${2001 + i}`, day: -(129 - i) * 7 - 2 }));

const kantine: CustomerPlan = {
  number: 'CUST-00011',
  shows: '130 invoices, for the pages of a list',
  name: 'Kantinenbetriebe Spreebogen GmbH',
  attentionTo: 'Tomasz Kowalczyk',
  email: 'tomasz@spreebogen.example',
  phone: '+49 30 5550 8800',
  address1: 'Alt-Moabit 98',
  city: 'Berlin',
  postalCode: '10559',
  country: 'DE',
  taxId: 'DE136695976',
  paymentTerms: 'NET 14',
  invoices: weeks.map(({ number, day }, i): InvoicePlan => ({
    number,
    day,
    due: day + 14,
    purchaseOrder: `KB-${4100 + i}`,
    lines: weekly(i),
  })),
  payments: Array.from({ length: 25 }, (_, i) => ({
    day: (weeks[i * 5 + 4]?.day ?? 0) + 9,
    invoices: weeks.slice(i * 5, i * 5 + 5).map(({ number }) => number),
    card: 'visa' as const,
    holder: 'Tomasz Kowalczyk',
  })),
};

function weekly(week: number): readonly LinePlan[] {
  return STANDING_ORDER.map((line, i) => ({ ...line, quantity: String(rotation(week, i)) }));
}

const laufkundin: CustomerPlan = {
  number: 'CUST-00012',
  shows: 'neither an address nor an e-mail address',
  name: 'Greta Lindqvist',
  invoices: [],
};

/** Coffee and what belongs to it, from Berlin, in euros. */
export const ACME: MerchantPlan = {
  username: 'acme',
  name: 'Acme Kaffeekontor GmbH',
  currency: 'EUR',
  timeZone: 'Europe/Berlin',
  language: 'en',
  country: 'DE',
  email: 'rechnung@acme-kaffeekontor.example',
  phone: '+49 30 5550 4321',
  website: 'https://acme-kaffeekontor.example',
  taxId: 'DE129274202',
  address1: 'Speicherstraße 7',
  city: 'Berlin',
  postalCode: '10245',
  settings: {
    'brand.accent': '#0b6e4f',
    'portal.support_email': 'rechnung@acme-kaffeekontor.example',
    'documents.payment_instructions':
      'By bank transfer to Acme Kaffeekontor GmbH, IBAN DE02 1203 0000 0000 2020 51, BIC BYLADEM1001. Please give the invoice number.',
    'payments.partial': 'on',
    'payments.partial_minimum': '50',
    'payments.advance': 'on',
    'payments.instructions_wire_transfer':
      'Acme Kaffeekontor GmbH\nIBAN DE02 1203 0000 0000 2020 51\nBIC BYLADEM1001, DKB Berlin\n[CH]\nAcme Kaffeekontor GmbH\nIBAN CH93 0076 2011 6238 5295 7\nBIC KBTGCH22, Thurgauer Kantonalbank',
    'estimates.terms':
      'Prices hold until the last day named above. A deposit is counted towards the invoice. Machines stay ours until they are paid in full; the warranty begins on the day they are installed. You may withdraw within 14 days of your approval as long as nothing was delivered.',
    'documents.footer':
      'Acme Kaffeekontor GmbH · HRB 123456 B, Amtsgericht Charlottenburg · Managing director: Ida Sommer',
  },
  prefix: 'INV',
  tax: { name: 'VAT 19%', percent: '19' },
  customers: [
    morgenrot,
    lesezeichen,
    nordlicht,
    uhrwerk,
    petrol,
    grenzland,
    longName,
    messe,
    ...twins,
    kantine,
    laufkundin,
    hafenblick,
  ],
  collected: [-1],
};
