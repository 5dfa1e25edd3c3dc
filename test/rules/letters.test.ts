import { describe, expect, test } from 'vitest';
import { autopayFailedLetter } from '#templates/email/autopay-failed.ts';
import { cardExpiringLetter } from '#templates/email/card-expiring.ts';
import type { Letter, Letterhead } from '#templates/email/letter.ts';
import { receiptLetter } from '#templates/email/receipt.ts';
import { signInLetter } from '#templates/email/sign-in.ts';
import { plain } from '#templates/email/html.ts';
import { type Language, LANGUAGES } from '#src/words/languages.ts';
import { wordsFor } from '#src/words/words.ts';

const ALL = Object.keys(LANGUAGES) as Language[];

describe.each(ALL)('in %s', (language) => {
  const words = wordsFor({ language, locale: language });
  const { direction } = words.tongue;

  test('every mail says what it has to say, without a mark left over', () => {
    for (const letter of lettersIn(language)) {
      for (const part of [letter.subject, letter.text, visible(letter.html)]) {
        expect(part).not.toMatch(/undefined|\[object|NaN|=>|\$\{|[#{}]/);
        expect(part.match(/\u2068/g)?.length).toBe(part.match(/\u2069/g)?.length);
      }
      expect(letter.subject).not.toContain('\n');
    }
  });

  test('every mail says its language and its direction', () => {
    const other = direction === 'rtl' ? 'left' : 'right';
    for (const { html } of lettersIn(language)) {
      expect(html).toContain(`<html lang="${language}" dir="${direction}"`);
      expect(html).toMatch(new RegExp(`<body\\s[^>]*dir="${direction}"`));
      expect(html).not.toContain(`<th scope="row" align="${other}"`);
    }
    const receipt = receiptLetter(receiptIn(language)).html;
    expect(receipt.match(/<td\s+align="(?:left|right)"/g)?.join()).toContain(`align="${other}"`);
  });
});

test('Arabic counts invoices in its six forms', () => {
  const { letters } = wordsFor({ language: 'ar', locale: 'ar' });
  const counts = [0, 1, 2, 3, 10, 11, 99, 100, 103];
  expect(counts.map((count) => letters.invoices({ count }))).toEqual([
    'لا فواتير',
    'فاتورة واحدة',
    'فاتورتان',
    '3 فواتير',
    '10 فواتير',
    '11 فاتورة',
    '99 فاتورة',
    '100 فاتورة',
    '103 فواتير',
  ]);
});

test('names keep their direction in a mail, and cannot change that of the words around them', () => {
  const { subject } = signInLetter({
    ...signInIn('en-US'),
    sender: { ...SENDER, name: 'שלום\u2069\u202e בע״מ' },
  });
  expect(subject).toBe('Sign in to \u2068שלום בע״מ\u2069');
  expect(plain('a\u2069b\u2068c')).toBe('abc');
  expect(plain('\u2068a\u2069 \u2066b\u202e')).toBe('\u2068a\u2069 b');
  expect(plain(`\u2068${'x'.repeat(30)}\u2069`, 10)).toBe(`${'x'.repeat(8)}…`);
});

test('who is spoken to in English instead of another language reads amounts of that language and days in English', () => {
  const { tongue } = wordsFor({ language: 'en-US', locale: 'de' });
  expect(tongue.money({ minor: 123_450, currency: 'EUR' }).replace('\u00a0', ' ')).toBe('1.234,50 €');
  expect(tongue.date('2026-11-24')).toBe('24 November 2026');
  expect(wordsFor({ language: 'de', locale: 'pt' }).tongue.date('2026-11-24')).toBe('24. November 2026');
});

const SENDER = {
  name: 'Acme GmbH',
  accent: '#1f5eff',
  addressLines: ['Main Street 1', '10115 Berlin'],
  email: 'billing@acme.example',
  phone: '+49 30 1234567',
};

function headIn(language: Language): Letterhead {
  return { sender: SENDER, words: wordsFor({ language, locale: language }) };
}

function receiptIn(language: Language) {
  const { money, date } = wordsFor({ language, locale: language }).tongue;
  return {
    ...headIn(language),
    number: 'R-00012',
    total: money({ minor: 125_51, currency: 'EUR' }),
    paidOn: date('2026-11-24'),
    method: 'Visa 4242',
    customer: 'Müller GmbH & Co. KG',
    account: 'CUST-7',
    pending: true,
    invoices: [
      { number: 'INV-1', amount: money({ minor: 10_000, currency: 'EUR' }), stillOpen: undefined },
      {
        number: 'INV-2',
        amount: money({ minor: 2550, currency: 'EUR' }),
        stillOpen: money({ minor: 1, currency: 'EUR' }),
      },
    ],
    deposits: [{ number: 'EST-3', amount: money({ minor: 500, currency: 'EUR' }) }],
    credited: money({ minor: 700, currency: 'EUR' }),
    fee: money({ minor: 30, currency: 'EUR' }),
    url: 'https://acme.example/payments/x',
    attachment: 'Receipt R-00012.pdf',
  };
}

function signInIn(language: Language) {
  const { time } = wordsFor({ language, locale: language }).tongue;
  const at = Date.UTC(2026, 10, 24, 10, 0);
  return {
    ...headIn(language),
    url: 'https://acme.example/login/e/abc',
    code: '7K2M9Q',
    until: time(at + 900_000, 'Europe/Berlin'),
    askedAt: time(at, 'Europe/Berlin'),
    askedFrom: '203.0.113.9',
    host: 'acme.example',
  };
}

/** Every mail with every part that it may have, and without. */
function lettersIn(language: Language): Letter[] {
  const receipt = receiptIn(language);
  const { money, date } = receipt.words.tongue;
  const invoice = (n: number) => ({
    number: `INV-${n}`,
    amount: receipt.total,
    url: `https://acme.example/invoices/${n}`,
  });
  const failed = {
    ...headIn(language),
    invoices: [invoice(1)],
    fee: undefined,
    total: money({ minor: 12_551, currency: 'EUR' }),
    method: 'Visa 4242',
    reason: receipt.words.letters.failedReason,
    nextOn: undefined,
    customer: 'Müller GmbH',
    methodsUrl: 'https://acme.example/methods',
  };
  const bare = { ...receipt, pending: false, deposits: [], credited: undefined, fee: undefined };
  const until = date('2026-12-31');
  return [
    signInLetter(signInIn(language)),
    signInLetter({ ...signInIn(language), sender: { ...SENDER, phone: undefined } }),
    signInLetter({ ...signInIn(language), sender: { ...SENDER, email: undefined } }),
    signInLetter({ ...signInIn(language), sender: { ...SENDER, email: undefined, phone: undefined } }),
    receiptLetter(receipt),
    receiptLetter(bare),
    receiptLetter({ ...bare, invoices: bare.invoices.slice(0, 1) }),
    receiptLetter({ ...receipt, invoices: [], deposits: [] }),
    autopayFailedLetter(failed),
    autopayFailedLetter({
      ...failed,
      nextOn: until,
      fee: failed.total,
      invoices: Array.from({ length: 13 }, (_, n) => invoice(n)),
    }),
    autopayFailedLetter({ ...failed, invoices: [invoice(1), invoice(2)] }),
    cardExpiringLetter({
      ...headIn(language),
      method: 'Visa 4242',
      until,
      customer: 'Müller',
      addUrl: 'https://acme.example/methods/new',
    }),
  ];
}

function visible(html: string): string {
  return html
    .replace(/<(style|head)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#?\w+;/g, ' ');
}
