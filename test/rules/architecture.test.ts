import { describe, expect, test } from 'vitest';
import { codeViolations, functionLengths, lengthAt, LONG_LISTS } from './architecture/code.ts';
import { importCycles, importViolations } from './architecture/imports.ts';
import { productSources, type Source } from './architecture/sources.ts';

const house = productSources();

describe('the house as it stands', () => {
  test('every import goes down or to the left, and every package stays on its floor', () => {
    expect(importViolations(house)).toEqual([]);
  });

  test('no files know one another in a ring, not even by their types', () => {
    expect(importCycles(house)).toEqual([]);
  });

  test('nothing reads the clock, chance or the environment but the one place for it, and markup holds no code', () => {
    expect(codeViolations(house)).toEqual([]);
  });

  test('functions are short: half within 10 lines, nine in ten within 40, none beyond 80', () => {
    // A room of the catalogue is a list of sentences.
    const lengths = functionLengths(house.filter(({ path }) => !path.startsWith('src/words/')));
    expect(lengths.filter(({ lines }) => lines > 80)).toEqual([]);
    expect(lengthAt(lengths, 0.9)).toBeLessThanOrEqual(40);
    expect(lengthAt(lengths, 0.5)).toBeLessThanOrEqual(10);
  });

  test('the list of long files names only files that are there and are long', () => {
    const long = house.filter(({ text }) => text.split('\n').length > 300).map(({ path }) => path);
    expect(LONG_LISTS.filter((path) => !long.includes(path))).toEqual([]);
  });

  test('the rules read the whole house', () => {
    const floors = [
      'src/kernel/money.ts',
      'db/scoped.ts',
      'cli/program.ts',
      'src/app.ts',
      'templates/pdf/pdf.ts',
    ];
    expect(floors.filter((path) => !house.some((source) => source.path === path))).toEqual([]);
    expect(house.length).toBeGreaterThan(150);
  });
});

const planted: ReadonlyArray<readonly [path: string, text: string, caught: RegExp]> = [
  // Imports.
  ['src/kernel/new.ts', `import { x } from '#src/scope.ts';`, /kernel knows nobody/],
  ['src/kernel/new.ts', `import { z } from 'kysely';`, /no such package/],
  ['src/kernel/new.ts', `import { readFileSync } from 'node:fs';`, /touches no machine/],
  ['src/words/new.ts', `import { x } from '#src/documents/invoice.ts';`, /words know the kernel alone/],
  ['src/documents/new.ts', `import { x } from '#src/words/words.ts';`, /the domain knows/],
  ['db/new.ts', `import { x } from '../src/tenants/tenants.ts';`, /db knows the kernel alone/],
  ['templates/new.ts', `import { x } from '#src/documents/invoice.ts';`, /templates knows the kernel alone/],
  [
    'src/documents/new.ts',
    `import { x } from '../payments/taking/pay.ts';`,
    /payments is not to the left of documents/,
  ],
  ['src/documents/new.ts', `import type { X } from '../payments/taking/pay.ts';`, /not to the left/],
  [
    'src/ledger/new.ts',
    `import { x } from '#src/documents/issue.ts';`,
    /documents is not to the left of ledger/,
  ],
  ['src/documents/new.ts', `import { merchantDb } from '#db/scoped.ts';`, /the domain knows/],
  ['src/documents/new.ts', `import { type ScopedRow } from '#db/scoped.ts';`, /the domain knows/],
  ['src/documents/new.ts', `import type { Store } from '#db/open.ts';`, /the domain knows/],
  ['src/documents/new.ts', `import { renderPdf } from '#templates/pdf/pdf.ts';`, /the domain knows/],
  ['src/documents/new.ts', `const { x } = await import('#src/web/forms.ts');`, /the domain knows/],
  ['src/documents/new.ts', `type X = import('#src/payments/taking/pay.ts').X;`, /not to the left/],
  [
    'src/documents/new.ts',
    `export { x } from '#src/payments/taking/pay.ts'; const y = 1;`,
    /not to the left/,
  ],
  [
    'src/payments/taking/new.ts',
    `import { x } from '../collecting/autopay.ts';`,
    /collecting is not to the left/,
  ],
  ['src/payments/novelty/new.ts', `import { x } from '../taking/pay.ts';`, /no room novelty/],
  ['src/web/forms.ts', `import { x } from './paying/pay-form.ts';`, /paying is not to the left/],
  ['src/documents/new.ts', `import { sql } from 'kysely';`, /no such package/],
  ['src/documents/new.ts', `import { readConfig } from '#src/config.ts';`, /the domain knows/],
  ['src/documents/new.ts', `import { Command } from 'commander';`, /no such package/],
  ['src/documents/new.ts', `import { randomBytes } from 'node:crypto';`, /scope’s tokens/],
  ['src/signin/new.ts', `import { Lucia } from 'lucia';`, /no such package/],
  ['src/signin/new.ts', `import { SignJWT } from 'jose';`, /no such package/],
  [
    'src/payments/new.ts',
    `import { testGateway } from '../adapters/test-gateway.ts';`,
    /only src\/app.ts wires/,
  ],
  [
    'src/server/portal.ts',
    `import { consoleLog } from '#src/adapters/console-log.ts';`,
    /only src\/app.ts wires/,
  ],
  ['cli/commands/new.ts', `import { smtp } from '#src/adapters/smtp.ts';`, /only src\/app.ts wires/],
  ['cli/commands/new.ts', `import { openStore } from '#db/open.ts';`, /a door knows the domain/],
  ['cli/commands/new.ts', `import { Kysely } from 'kysely';`, /no such package/],
  ['src/adapters/new.ts', `import a from 'stripe'; import b from 'postmark';`, /several SDKs/],
  ['src/adapters/new.ts', `import { pay } from '#src/payments/taking/pay.ts';`, /port’s types/],
  ['src/pages/new.astro', `---\nimport { x } from '#src/api/router.ts';\n---\n<p></p>`, /no other door/],
  ['src/pages/new.astro', `---\nimport { x } from '#db/open.ts';\n---\n<p></p>`, /a door knows the domain/],
  ['src/pages/new.astro', `---\nimport { x } from '#src/app.ts';\n---\n<p></p>`, /only the CLI opens/],
  ['src/pages/new.astro', `<script>import '#cli/output.ts';</script>`, /no other door/],
  ['src/api/new.ts', `import { renderPdf } from '#templates/pdf/pdf.ts';`, /a door knows the domain/],
  ['src/web/new.ts', `import { icons } from '../components/icons.ts';`, /types alone/],
  [
    'src/components/New.astro',
    `---\nimport { x } from '#src/payments/taking/pay.ts';\n---\n`,
    /views know views/,
  ],
  ['src/scope.ts', `import { pay } from './payments/taking/pay.ts';`, /by its types alone/],
  ['src/app.ts', `import { startFront } from './server/front.ts';`, /knows no door/],
  ['src/app.ts', `import { openHouse } from '#test/support/house.ts';`, /knows its tests/],
  ['src/novelty/new.ts', `import { x } from '#src/scope.ts';`, /nothing says/],
  // Code.
  ['src/payments/new.ts', `const at = Date.now();`, /Date\.now/],
  ['src/payments/new.ts', `const at = new Date();`, /new Date\(\)/],
  ['src/payments/new.ts', `const at = Date();`, /uses Date/],
  ['src/payments/new.ts', `const n = Math.random();`, /Math\.random/],
  ['src/payments/new.ts', `const at = Temporal.Now.instant();`, /Temporal\.Now/],
  ['src/payments/new.ts', `const b = crypto.getRandomValues(new Uint8Array(1));`, /getRandomValues/],
  ['src/payments/new.ts', `setTimeout(() => {}, 5);`, /setTimeout/],
  ['src/kernel/new.ts', `const at = Date.now();`, /Date\.now/],
  ['src/web/new.ts', `const home = process.env.HOME;`, /only src\/config.ts/],
  ['src/web/new.ts', `const home = process.env['HOME'];`, /only src\/config.ts/],
  ['cli/new.ts', `const { HOME } = process.env;`, /only src\/config.ts/],
  ['src/payments/new.ts', `scope.db.from('invoices').withPlugin(changing);`, /withPlugin/],
  ['src/payments/new.ts', `operator.ports.store.kysely.selectFrom('invoices');`, /whole store/],
  [
    'src/payments/new.ts',
    `db.from('lines').select((eb) => eb.selectFrom('lines').select('id'));`,
    /selectFrom/,
  ],
  ['src/payments/new.ts', `operator.directory.selectFrom('tenants');`, /uses selectFrom/],
  ['src/locals.ts', `import { pay } from './payments/taking/pay.ts';`, /types alone/],
  ['src/scope.ts', `import { sql } from 'kysely';`, /raw SQL stays in db/],
  ['src/islands/new.ts', `document.body.innerHTML = text;`, /text goes in as text/],
  ['src/kernel/new.ts', `export { add } from './money.ts';`, /only passes on/],
  ['src/kernel/new.ts', `export * from './money.ts'; export const x = 1;`, /only passes on/],
  ['src/kernel/index.ts', `export const x = 1;`, /a barrel by its name/],
  ['src/utils/text.ts', `export const x = 1;`, /nothing in particular/],
  ['src/web/helpers.ts', `export const x = 1;`, /nothing in particular/],
  ['src/web/long.ts', 'export {};\n'.repeat(301), /has 301 lines/],
  // Markup.
  ['src/components/New.astro', `<p set:html={name} />`, /set:html/],
  ['src/components/New.astro', `<script is:inline>go()</script>`, /is:inline/],
  ['src/components/New.astro', `<script define:vars={{ a }}>go()</script>`, /define:vars/],
  ['src/components/New.astro', `<p style="color: red">`, /style attribute/],
  ['src/components/New.astro', `<p style={color}>`, /style attribute/],
  ['src/components/New.astro', `<style>p { color: red }</style>`, /style element/],
  ['src/components/New.astro', `<button onclick="go()">`, /event handler/],
  ['src/components/New.astro', `<button onClick={go}>`, /event handler/],
  ['src/components/New.astro', `<a href="javascript:go()">`, /javascript:/],
];

describe('the rules bite', () => {
  test.each(planted)('%s: %s', (path, text, caught) => {
    const found = [...importViolations([{ path, text }]), ...codeViolations([{ path, text }])];
    expect(found.join('\n')).toMatch(caught);
  });

  test('a ring of three files is found, one of types too, one of late loading is not', () => {
    expect(importCycles(ring((path) => `import { x } from '${path}';`))).toHaveLength(1);
    expect(importCycles(ring((path) => `import { type X } from '${path}';`))).toHaveLength(1);
    expect(importCycles(ring((path) => `import type { X } from '${path}';`))).toHaveLength(1);
    expect(importCycles(ring((path) => `const x = () => import('${path}');`))).toEqual([]);
  });

  test('a long function is measured, wherever it is written', () => {
    const body = '  go();\n'.repeat(90);
    const text = [
      `function a() {\n${body}}`,
      `const b = () => {\n${body}};`,
      `class C {\n m() {\n${body}}\n}`,
    ];
    const lengths = functionLengths(text.map((code, n) => ({ path: `src/web/f${n}.ts`, text: code })));
    expect(lengths.map(({ lines }) => lines)).toEqual([92, 92, 92]);
  });

  test('what is allowed is not refused', () => {
    const allowed: Source[] = [
      { path: 'src/documents/new.ts', text: `import type { ScopedRow } from '#db/scoped.ts';` },
      { path: 'src/documents/new.ts', text: `import { contains } from '#db/lists.ts';` },
      { path: 'src/documents/new.ts', text: `import { post } from '../ledger/ledger.ts';` },
      { path: 'src/documents/new.ts', text: `const at = new Date(row.at); // not Date.now()` },
      { path: 'src/exports/new.ts', text: `import { renderPdf } from '#templates/pdf/pdf.ts';` },
      {
        path: 'src/pages/new.astro',
        text: `---\nimport V from '../components/V.astro';\n---\n<V ok="on" />`,
      },
      { path: 'src/web/new.ts', text: `import type { Row } from '../components/models.ts';` },
      { path: 'src/web/new.ts', text: `import type { PortalLocals } from '#src/locals.ts';` },
      { path: 'src/payments/new.ts', text: `db.from('lines').innerJoin(db.rows('invoices'), 'a', 'b');` },
      { path: 'src/payments/new.ts', text: `db.remove('lines').using(db.rows('invoices'));` },
      { path: 'cli/commands/serve.ts', text: `import { serve } from '#src/server/portal.ts';` },
      { path: 'cli/commands/db.ts', text: `import { migrate } from '#db/migrate.ts';` },
    ];
    expect([...importViolations(allowed), ...codeViolations(allowed)]).toEqual([]);
  });
});

/** Three files of which each has the line that `how` makes of the next one's path. */
function ring(how: (path: string) => string): Source[] {
  return [0, 1, 2].map((n) => ({ path: `src/kernel/r${n}.ts`, text: how(`./r${(n + 1) % 3}.ts`) }));
}
