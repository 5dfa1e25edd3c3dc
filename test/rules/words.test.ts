import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { acceptedTags, chooseLanguage, FINISHED, LANGUAGES, languageOf } from '#src/words/languages.ts';
import type { Language } from '#src/words/languages.ts';
import { countForms } from '#src/words/forms.ts';
import { tongueFor } from '#src/words/tongue.ts';
import { type Words, wordsFor } from '#src/words/words.ts';
import { money } from '#src/kernel/money.ts';

const ALL = new Set(Object.keys(LANGUAGES) as Language[]);
const wordsIn = (tag: string): Words => wordsFor(chooseLanguage([tag], ALL));
const TRANSLATED = [...ALL].filter((language) => !language.startsWith('en-'));

/** What is the same in English and another language because it is a name, an abbreviation or the same word. */
const ALIKE = new Set(['AutoPay', 'Code', 'CSV', 'Date', 'IBAN', 'Notes', 'Optional', 'Pages', 'PDF', 'Total', 'Routing number', 'Status', 'Actions', 'MM/YY', 'you@company.com', 'Acme, Berlin', '«label»: «value»', '«label»: «value» («note»)']); // prettier-ignore

type Room = Exclude<keyof Words, 'tongue'>;
const roomsOf = (words: Words): Room[] => Object.keys(words).filter((name) => name !== 'tongue') as Room[];

/** Every message of a catalogue as text; what is filled in is a mark that a reader would notice. */
function textsOf(words: Words): Map<string, string> {
  const values = new Proxy({}, { get: (_, name) => VALUES[String(name)] ?? `«${String(name)}»` });
  return new Map(
    roomsOf(words).flatMap((room) =>
      Object.entries(words[room]).map(([key, message]): [string, string] => {
        const said: unknown = typeof message === 'function' ? message(values as never) : message;
        return [`${room}.${key}`, String(said)];
      }),
    ),
  );
}
const VALUES: Readonly<Record<string, unknown>> = {
  minutes: 15,
  count: 3,
  how: 'email_link',
  lines: ['Acme', 'Berlin'],
};

describe('every language says everything', () => {
  const english = textsOf(wordsIn('en-US'));
  test.each([...ALL])('%s', (language) => {
    const texts = textsOf(wordsIn(language));
    expect([...texts.keys()]).toEqual([...english.keys()]);
    for (const [key, text] of texts) {
      expect(text, key).not.toMatch(/undefined|\[object|NaN|\{\w+\}|#|^\s*$|\.\.\.|'/);
      expect(text.trim(), key).toBe(text);
    }
  });

  test.each(TRANSLATED)('%s is no English', (language) => {
    const same = [...textsOf(wordsIn(language))].filter(
      ([key, text]) => text === english.get(key) && !ALIKE.has(text),
    );
    expect(same).toEqual([]);
  });

  test('what is filled in is filled in, in every language', () => {
    for (const language of ALL) {
      const { access, lists, shell } = wordsIn(language);
      expect(access.checkMailIntro({ email: 'ann@example.com', minutes: 15 })).toContain('ann@example.com');
      expect(access.checkMailIntro({ email: 'ann@example.com', minutes: 15 })).toContain('15');
      expect(lists.payOne({ number: 'INV-7' })).toContain('INV-7');
      expect(shell.contact({ merchant: 'Acme' })).toContain('Acme');
    }
  });
});

test('Arabic gives all six plural forms wherever it counts', () => {
  const calls = globSync('src/words/ar/*.ts').flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/plural\(\w+, \{[^}]*\}/g)].map(([call]) => call),
  );
  expect(calls.length).toBeGreaterThan(2);
  const forms = ['zero', 'one', 'two', 'few', 'many', 'other'];
  expect(calls.filter((call) => !forms.every((form) => call.includes(`${form}:`)))).toEqual([]);
  const { plural } = tongueFor(chooseLanguage(['ar'], ALL));
  const given = Object.fromEntries(forms.map((form) => [form, `${form} #`])) as Parameters<typeof plural>[1];
  expect([0, 1, 2, 3, 11, 100].map((count) => plural(count, given))).toEqual([
    'zero 0',
    'one 1',
    'two 2',
    'few 3',
    'many 11',
    'other 100',
  ]);
});

describe('a message that nobody says is found', () => {
  const sources = globSync('{src,cli,templates}/**/*.{ts,astro}', { exclude: ['src/words/**'] })
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  const unused = (keys: Iterable<string>): string[] =>
    [...keys].filter((key) => !new RegExp(`\\b${key.replace('.', '\\.')}\\b`).test(sources));

  test('here', () => {
    expect(unused(textsOf(wordsIn('en-US')).keys())).toEqual([]);
  });

  test('when it is planted', () => {
    expect(unused(['shell.nobodySaysThis', 'shell.skipToContent'])).toEqual(['shell.nobodySaysThis']);
  });
});

describe('somebody’s language', () => {
  test.each([
    ['en', 'en-US'],
    ['en-US', 'en-US'],
    ['en-AU', 'en-GB'],
    ['de-AT', 'de'],
    ['pt', undefined],
    ['', undefined],
    ['not a tag', undefined],
    ['constructor', undefined],
  ])('“%s” is answered in %s', (tag, language) => {
    expect(languageOf(tag)).toBe(language);
  });

  test('the first tag with a finished catalogue is taken, else American English', () => {
    expect(chooseLanguage(['pt', 'de-AT', 'en-GB'], ALL)).toEqual({ language: 'de', locale: 'de-AT' });
    expect(chooseLanguage(['pt'], ALL)).toEqual({ language: 'en-US', locale: 'en' });
    for (const language of ALL) expect(chooseLanguage([language]).language === language).toBe(FINISHED.has(language)); // prettier-ignore
  });

  test.each([
    ['fr;q=0.5, de, en-GB;q=0.8', ['de', 'en-GB', 'fr']],
    ['de;q=0, *, fr', ['fr']],
    ['fr;q=2, es;q=abc, ar;q=1.000', ['ar']],
    [undefined, []],
    [`${'x,'.repeat(5000)}de`, []],
  ])('a browser that accepts “%.30s” is understood', (header, tags) => {
    expect(acceptedTags(header)).toEqual(tags);
  });
});

test('what is filled in keeps its own direction, and only where it could turn something', () => {
  const arabic = tongueFor(chooseLanguage(['ar'], ALL));
  const english = tongueFor(chooseLanguage(['en-US'], ALL));
  expect(arabic.name('INV-7')).toBe('\u2068INV-7\u2069');
  expect(english.name('INV-7')).toBe('INV-7');
  expect(english.name('شركة')).toBe('\u2068شركة\u2069');
  expect(arabic.money(money(-123_450, 'EUR'))).toMatch(/[\u2212].*1,234\.50|1,234\.50/);
  expect(english.money(money(-123_450, 'EUR'))).toBe('\u2212€1,234.50');
  expect(arabic.decimal('1234.5')).toMatch(/^[\u200e\u200f]?1,234\.5$/);
});

test('a script finds the form for any count in what it is given', () => {
  for (const language of ALL) {
    const words = wordsIn(language);
    const rules = new Intl.PluralRules(language);
    const forms = countForms(words.tongue, (count) => words.lists.selected({ count }));
    for (let count = 0; count < 120; count++) {
      const text = forms[rules.select(count)]!.replace('{count}', String(count));
      expect(text, `${language} ${count}`).toBe(words.lists.selected({ count }));
    }
  }
});
