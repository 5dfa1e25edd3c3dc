import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalEmail, maskEmail } from '#src/customers/email.ts';
import { Refusal } from '#src/kernel/errors.ts';

test('addresses of people are taken, in one form', () => {
  const taken: Array<[string, string]> = [
    ['name@company.com', 'name@company.com'],
    [' Petra.Muller@x.de ', 'petra.muller@x.de'],
    ['Stanisław.Wójcik@wp.pl', 'stanisław.wójcik@wp.pl'],
    ["o'neil+tag@sub.EXAMPLE.co.uk", "o'neil+tag@sub.example.co.uk"],
    ['info@MÜNCHEN.de', 'info@xn--mnchen-3ya.de'],
    ['info@xn--mnchen-3ya.de', 'info@xn--mnchen-3ya.de'],
    [`${'a'.repeat(64)}@x.io`, `${'a'.repeat(64)}@x.io`],
  ];
  for (const [given, canonical] of taken) expect(canonicalEmail(given)).toBe(canonical);
});

test('what mail libraries disagree about, and what only looks alike, is refused', () => {
  const refused = [
    '',
    '@',
    'a@',
    '@b.com',
    'a',
    'a@b',
    'a@b.',
    'a@.b.com',
    'a@b..com',
    'a..b@c.com',
    '.a@c.com',
    'a.@c.com',
    '"x@evil.com y"@good.com',
    '"a"@b.com',
    'a b@c.com',
    'a@b.com,c@d.com',
    'a@b.com;c@d.com',
    'a@b@c.com',
    'Name <a@b.com>',
    '<a@b.com>',
    'g:a@b.com;',
    'a(comment)@b.com',
    'a@[127.0.0.1]',
    'a@127.0.0.1',
    'a@b.com.',
    'a@-b.com',
    'a@b-.com',
    'a@b_c.com',
    'a@ﬁle.com',
    'a@ｅｘａｍｐｌｅ.com',
    'a@ex\u00adample.com',
    'ａ@b.com',
    'ﬁ@b.com',
    'a\r\nBcc: x@y.z@b.com',
    'a@b.com\nx',
    'a\u0000@b.com',
    '\u212a@b.com',
    'a@\u212aelvin.com',
    `${'a'.repeat(65)}@b.com`,
    `${'ü'.repeat(33)}@b.com`,
    `a@${'b'.repeat(64)}.com`,
    `a@${'b.'.repeat(130)}com`,
  ];
  for (const text of refused) {
    expect(() => canonicalEmail(text), text).toThrow(expect.objectContaining({ code: 'bad_email' }));
  }
});

test('the form of the form is itself, and any text is answered or refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.emailAddress(), fc.string()), (text) => {
      const canonical = canonicalOr(text, 'bad_email');
      expect(canonicalOr(canonical, canonical)).toBe(canonical);
      expect(canonicalOr(text.toUpperCase(), 'bad_email')).toBe(canonical);
      expect(canonical).toMatch(/^(bad_email|[!-~]+@[a-z0-9.-]+)$/);
    }),
    { numRuns: 2000 },
  );
});

test('a masked address gives away a letter at each side', () => {
  expect(maskEmail('name@company.co.uk')).toBe('n•••@c•••.uk');
});

function canonicalOr(text: string, otherwise: string): string {
  try {
    return canonicalEmail(text);
  } catch (error) {
    if (error instanceof Refusal) return otherwise;
    throw error;
  }
}

const CHINOOK = '../shared/data/chinook/customers.csv';
test.skipIf(!existsSync(CHINOOK))(
  'every address of the real customers is taken (needs ../shared/data)',
  () => {
    const lines = readFileSync(CHINOOK, 'utf8').trim().split('\n').slice(1);
    const addresses = lines.map((line) =>
      line
        .trim()
        .split(',')
        .findLast((field) => field.includes('@'))!,
    );
    expect(addresses.length).toBe(59);
    for (const address of addresses) expect(canonicalEmail(address)).toBe(address.toLowerCase());
  },
);
