import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, onTestFinished, test } from 'vitest';
import { diceOf } from '#test/drill/dice.ts';
import { AREAS, filesOf } from '#test/mutation/areas.ts';
import { changedLines, linesOfDiff } from '#test/mutation/changed.ts';
import { type Covering, testsThatExecute } from '#test/mutation/covering.ts';
import { equivalentOf, EQUIVALENTS } from '#test/mutation/equivalents.ts';
import { executedIn, isExecuted } from '#test/mutation/executed.ts';
import { described, mutated, mutantsOf } from '#test/mutation/mutants.ts';
import { nearnessIn } from '#test/mutation/nearness.ts';
import { areaResult } from '#test/mutation/report.ts';
import type { Trial } from '#test/mutation/trials.ts';
import { drawn, sampleOf, stockOf } from '#test/mutation/sample.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const stocks = stockOf(root);
const all = stocks.flatMap(({ mutants }) => mutants);

describe('ways to break the product', () => {
  test.each([
    [
      'if (a > b) refuse("x");',
      ['if (true) refuse("x");', 'if (false) refuse("x");', 'if (a >= b) refuse("x");'],
    ],
    [
      'const c = a && b < 3;',
      ['const c = a;', 'const c = b < 3;', 'const c = a && b <= 3;', 'const c = a && b < 4;'],
    ],
    ['const c = a.minor - b.minor;', ['const c = a.minor + b.minor;']],
    ['const c = a ?? 0;', ['const c = 0;', 'const c = a ?? 1;']],
    [
      "const states = ['open', 'late'];",
      ["const states = ['late'];", "const states = ['open'];", "const states = ['', 'late'];"],
    ],
    ['save(); send();', ['; send();', 'save(); ;']],
    ['const c = Math.max(0, a);', ['const c = Math.min(0, a);']],
    ['const c = /^\\d+$/.test(a);', ['const c = /\\d+$/.test(a);', 'const c = /^\\d+/.test(a);']],
    [
      "const rows = db.from('invoices').select(['id']).where('state', '=', 'issued').execute();",
      [
        "const rows = db.from('invoices').select(['id']).execute();",
        "const rows = db.from('invoices').select(['id']).where('state', '!=', 'issued').execute();",
        "const rows = db.from('invoices').select(['id']).where('state', '=', '').execute();",
      ],
    ],
    [
      "db.update('invoices').set({ paid_at: now, version }).execute();",
      [
        "db.update('invoices').set({ version }).execute();",
        "db.update('invoices').set({ paid_at: now }).execute();",
      ],
    ],
    [
      'const sql = `select id from invoices where total_minor > 5 and state = ${state}`;',
      [
        'const sql = `select id from invoices where total_minor >= 5 and state = ${state}`;',
        'const sql = `select id from invoices where total_minor > 5 or state = ${state}`;',
        'const sql = `select id from invoices where total_minor > 0 and state = ${state}`;',
      ],
    ],
  ])('of “%s” are among others', (text, expected) => {
    const found = mutantsOf('one.ts', text).map((mutant) => mutated(text, mutant));
    expect(found).toEqual(expect.arrayContaining(expected));
  });

  test.each([
    "import { money } from '../kernel/money.ts';",
    "type State = 'open' | 'late';",
    'interface Row { readonly id: 1 }',
    "declare module 'lucia' { interface Register { one: 1 } }",
    '/* if (a > b) return; */',
    "const title = 'Nothing to pay';",
    "db.from('invoices').select(['id', 'number']).execute;",
  ])('there are none of “%s”', (text) => {
    expect(mutantsOf('one.ts', text).filter(({ kind }) => kind !== 'statement left out')).toEqual([]);
  });

  test('what is broken can still be loaded, is something else, and says where it is', () => {
    for (const mutant of drawn(all, 250, diceOf(7))) {
      const text = readFileSync(join(root, mutant.path), 'utf8');
      const broken = mutated(text, mutant);
      expect(broken).not.toBe(text);
      const { parseDiagnostics } = ts.createSourceFile(
        mutant.path,
        broken,
        ts.ScriptTarget.Latest,
      ) as unknown as {
        parseDiagnostics: unknown[];
      };
      expect(parseDiagnostics, `${mutant.path}: ${described(text, mutant)}`).toEqual([]);
      expect(text.slice(0, mutant.start).split('\n').length).toBe(mutant.line);
    }
  });

  test('there are some in every part that holds money, tenants and sessions apart', () => {
    for (const { area, mutants } of stocks) {
      expect(filesOf(area, root).length, area.name).toBeGreaterThan(0);
      expect(mutants.length, area.name).toBeGreaterThan(40);
    }
    const rooms = new Set(AREAS.flatMap((area) => filesOf(area, root)));
    for (const path of [
      'src/payments/taking/allocation.ts',
      'db/scoped.ts',
      'db/credit-invariants.ts',
      'src/signin/cookie.ts',
    ])
      expect([...rooms]).toContain(path);
  });
});

describe('a sample', () => {
  test('is the same for the same seed and another for another', () => {
    const [one, again, other] = [11, 11, 12].map((seed) => sampleOf(stocks, 100, diceOf(seed)));
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });

  test('has no mutant twice, and of each area as many as its share, forty at least', () => {
    const sample = sampleOf(stocks, 400, diceOf(3));
    expect(sample.length).toBeGreaterThanOrEqual(400);
    expect(new Set(sample).size).toBe(sample.length);
    for (const { mutants } of stocks) {
      const own = sample.filter((mutant) => mutants.includes(mutant)).length;
      expect(own).toBe(Math.max(40, Math.round((400 * mutants.length) / all.length)));
    }
  });

  test('counts what nobody noticed or ran, and leaves out what makes no difference', () => {
    const trials = [
      ...Array(5).fill(trial('noticed')),
      trial('survived'),
      trial('not executed'),
      trial('equivalent'),
    ];
    expect(areaResult(AREAS[0]!, trials)).toEqual({
      area: 'kernel',
      wanted: 85,
      tried: 8,
      noticed: 5,
      survived: 2,
      equivalent: 1,
      percent: 71,
    });
  });
});

test('every change that is said to make no difference can still be made', () => {
  const named = new Set(
    all.map((mutant) => equivalentOf(mutant, readFileSync(join(root, mutant.path), 'utf8'))),
  );
  expect(EQUIVALENTS.filter((one) => !named.has(one))).toEqual([]);
});

describe('which tests execute what', () => {
  test('the innermost of V8’s ranges counts, and what any of several processes executed', () => {
    const folder = temporaryFolder();
    const [first, second] = ['first.json', 'second.json'].map((name) => join(folder, name));
    writeFileSync(
      first!,
      coverage([
        { start: 0, end: 100, count: 1 },
        { start: 20, end: 60, count: 0 },
        { start: 30, end: 40, count: 2 },
      ]),
    );
    writeFileSync(
      second!,
      coverage([
        { start: 0, end: 100, count: 1 },
        { start: 50, end: 70, count: 0 },
      ]),
    );
    const alone = executedIn([first!], '/house/', () => true);
    expect(alone.get('src/one.ts')).toEqual([20, 30, 40, 60]);
    const both = executedIn([first!, second!], '/house/', () => true).get('src/one.ts')!;
    expect(both).toEqual([50, 60]);
    expect([49, 50, 59, 60].map((place) => isExecuted(both, place))).toEqual([true, false, false, true]);
    expect(executedIn([first!], '/house/', (path) => path !== 'src/one.ts').size).toBe(0);
    expect(executedIn([first!], '/elsewhere/', () => true).size).toBe(0);
  });

  test('those that import it come first, and of others quick ones that execute little else; where a source has changed, whoever executes it at all', () => {
    const covering: Covering = {
      slow: covered(9, []),
      quick: covered(1, []),
      wide: covered(1, [], 20),
      importing: covered(30, [], 40),
      apart: covered(0, [5, 15]),
    };
    const [mutant] = mutantsOf('one.ts', `const c =${' '.repeat(4)}7;`);
    const at10 = { ...mutant!, start: 10 };
    expect(testsThatExecute(covering, at10, 'now', importingIsNear)).toEqual([
      'importing',
      'quick',
      'slow',
      'wide',
    ]);
    expect(testsThatExecute(covering, at10, 'changed since', importingIsNear)).toEqual([
      'importing',
      'apart',
      'quick',
      'slow',
      'wide',
    ]);
    expect(testsThatExecute(covering, { ...at10, path: 'two.ts' }, 'now', importingIsNear)).toEqual([]);
  });

  test('what imports what is read from the files', () => {
    const nearness = nearnessIn(root);
    expect(nearness('test/rules/money.test.ts', 'src/kernel/money.ts')).toBe(1);
    expect(nearness('test/rules/money.test.ts', 'src/kernel/errors.ts')).toBe(2);
    expect(nearness('test/rules/money.test.ts', 'src/signin/cookie.ts')).toBe(3);
  });
});

describe('what is being worked on', () => {
  test('is read from a diff: new and changed lines by file, nothing of what was deleted', () => {
    const lines = linesOfDiff(
      [
        '--- a/src/one.ts',
        '+++ b/src/one.ts',
        '@@ -3 +3,2 @@ function one() {',
        '@@ -9,2 +10,0 @@',
        '@@ -20 +19 @@',
        '--- a/src/gone.ts',
        '+++ /dev/null',
        '@@ -1,5 +0,0 @@',
      ].join('\n'),
    );
    expect([...lines].map(([path, numbers]) => [path, [...numbers]])).toEqual([['src/one.ts', [3, 4, 19]]]);
  });

  test('is nothing without git, without history and before the first change, and then the last commit or what is not committed yet', () => {
    const folder = temporaryFolder();
    const lines = () => [...changedLines(folder)].map(([path, numbers]) => [path, [...numbers]]);
    const write = (text: string) => writeFileSync(join(folder, 'src', 'one.ts'), text);
    mkdirSync(join(folder, 'src'));
    write('const one = 1;\n');
    expect(lines()).toEqual([]);
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b.test', ...args], {
        cwd: folder,
        stdio: 'ignore',
      });
    git('init', '--initial-branch=main');
    git('add', '.');
    git('commit', '-m', 'One');
    expect(lines()).toEqual([]);
    write('const one = 1;\nconst two = 2;\n');
    expect(lines()).toEqual([['src/one.ts', [2]]]);
    git('commit', '-a', '-m', 'Two');
    expect(lines()).toEqual([['src/one.ts', [2]]]);
    git('switch', '-c', 'work');
    write('const one = 3;\nconst two = 2;\n');
    git('commit', '-a', '-m', 'Three');
    expect(lines()).toEqual([['src/one.ts', [1]]]);
  });
});

function trial(fate: Trial['fate']): Trial {
  return { path: 'one.ts', line: 1, change: '', code: '', fate, ran: 1, executing: 1 };
}

/** What a test that takes so long executes of `one.ts`, and of so many other files. */
function covered(seconds: number, gaps: number[], others = 0): Covering[string] {
  const more = Array.from({ length: others }, (_, i) => [`other${i}.ts`, { hash: '', gaps: [] }] as const);
  return { hash: '', seconds, sources: { 'one.ts': { hash: 'now', gaps }, ...Object.fromEntries(more) } };
}

function importingIsNear(from: string): number {
  return from === 'importing' ? 1 : 3;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'portal-mutation-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** As V8 writes it, of one function in a file of the house. */
function coverage(ranges: ReadonlyArray<{ start: number; end: number; count: number }>): string {
  const written = ranges.map(({ start, end, count }) => ({ startOffset: start, endOffset: end, count }));
  return JSON.stringify({
    result: [
      { url: 'file:///house/src/one.ts', functions: [{ functionName: '', ranges: written }] },
      { url: 'node:internal/one', functions: [] },
    ],
  });
}
