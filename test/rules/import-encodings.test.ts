import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { doubtfulWord, encodingNamed, readerOf } from '#src/imports/encodings.ts';
import { openTable } from '#src/imports/table.ts';

const FIELD = new URL('../data/field/encodings/', import.meta.url);

function file(name: string) {
  const bytes = readFileSync(new URL(name, FIELD));
  return {
    name,
    async *open() {
      yield bytes;
    },
  };
}

const RIGHT = [
  ['cp1251-customers.csv', 'cp1251', [['1', 'Ромашка', 'Москва']]],
  ['cp850-customers.csv', 'cp850', [['1', 'Müller', 'Köln']]],
  ['latin2-customers.csv', 'Latin-2', [['1', 'Łódź Żółć', 'Kraków']]],
  [
    'macroman-customers.csv',
    'macroman',
    [
      ['1', 'Müller & Söhne – „Groß“', 'Köln'],
      ['2', 'Crêperie “Ty Breizh” €', 'Nîmes'],
    ],
  ],
] as const;

describe('files in other encodings', () => {
  test.each(RIGHT)('%s is asked about, and read as %s', async (name, label, right) => {
    expect(await openTable(file(name))).toMatchObject({
      ok: false,
      problem: {
        file: name,
        reason: expect.stringContaining('not UTF-8'),
        hint: expect.stringContaining('--encoding'),
      },
    });
    const opened = await openTable(file(name), { encoding: encodingNamed(label) });
    if (!opened.ok) throw new Error(opened.problem.reason);
    const rows = await Array.fromAsync(opened.table.rows(), (item) => (item.ok ? item.row.cells : []));
    expect(rows).toEqual(right);
  });

  test('names of encodings are those that people use; others are none', () => {
    const names = [
      'CP1251',
      'windows-1251',
      'win1251',
      'ISO-8859-2',
      'latin2',
      'iso_8859-15',
      'cp437',
      'IBM850',
      'cp866',
      'koi8-r',
      'Shift_JIS',
      'utf8',
      'UTF-16',
    ];
    expect(names.filter((name) => encodingNamed(name) === undefined)).toEqual([]);
    expect(
      ['', 'klingon', 'cp99999', '__proto__', 'constructor', 'iso-2022-kr']
        .map(encodingNamed)
        .every((found) => found === undefined),
    ).toBe(true);
  });

  test('words of the languages of Windows-1252 raise no doubt', () => {
    const lines = [
      'Müller & Söhne „Groß“ GmbH;Köln;5 €;§ 5;10 m²;½ Tag;Straße 5½',
      'L’Oréal;Crêperie «Ty Breizh»;œuvre;n°5;Île-de-France;à façon;Ça va ?',
      'Señor Núñez;¿Qué?;¡Hola!;1º;2ª;Coruña;col·lecció;Peñíscola',
      'São João;Conceição;Ångström;Ærø;Øre;Blåbærgrød;hääyöaie;jäääär;Þingvellir;Ýmir;Dvořák'.replace(
        'ř',
        'r',
      ),
      '£5;¥500;50¢;±3;3×4;“Quoted”;it’s;100 µg;© 2026 Acme®;Acme™;naïve–café—bar…',
      'ÜBER ALLES;ÉCOLE;ÅÄÖ;MÜLLER-LÜDENSCHEIDT;McEwan',
    ];
    expect(lines.map(doubtfulWord).filter((word) => word !== undefined)).toEqual([]);
  });

  test('words of other encodings do', () => {
    const wrong: Array<readonly [string, string]> = [
      ['windows-1251', 'Иван Петров'], ['iso-8859-2', 'Łukasz Miłosz'], ['windows-1250', 'Žluťoučký kůň'], ['koi8-r', 'Москва'], ['iso-8859-7', 'Αθήνα'],
      ['windows-1255', 'שלום'], ['windows-1256', 'مرحبا'], ['ibm866', 'Москва'], ['macintosh', 'Gärtner'], ['macintosh', 'Café'], ['cp850', 'Gärtner'],
      ['shift_jis', '株式会社'], ['gbk', '有限公司'], ['euc-kr', '주식회사'], ['big5', '股份有限公司'], ['windows-874', 'กรุงเทพ'],
    ]; // prettier-ignore
    const missed = wrong.filter(([encoding, word]) => doubtfulWord(as1252(word, encoding)) === undefined);
    expect(missed).toEqual([]);
  });
});

/** How a word that was saved in that encoding reads as Windows-1252. */
function as1252(word: string, encoding: string): string {
  return new TextDecoder('windows-1252').decode(
    Uint8Array.from([...word].flatMap((letter) => bytesOf(letter, encoding))),
  );
}

/** The bytes of one letter, found by trying them all. */
function bytesOf(letter: string, encoding: string): number[] {
  for (let byte = 0; byte < 256; byte += 1)
    if (readerOf(encoding).decode(Uint8Array.of(byte)) === letter) return [byte];
  for (let high = 128; high < 255; high += 1) {
    for (let low = 64; low < 255; low += 1) {
      if (readerOf(encoding).decode(Uint8Array.of(high, low)) === letter) return [high, low];
    }
  }
  throw new Error(`${letter} is not in ${encoding}`);
}
