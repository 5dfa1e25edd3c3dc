import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import vitestConfig from '../../vitest.config.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
  .map((name) => join('test', name));

test('every test file is run: those that the first project leaves out are the others’', () => {
  const [fast, ...others] = vitestConfig.test?.projects ?? [];
  expect(fast).toMatchObject({ test: { include: ['test/**/*.test.ts'] } });
  const leftOut = typeof fast === 'object' && 'test' in fast ? fast.test?.exclude : undefined;
  const theirs = others.flatMap((one) => (typeof one === 'object' && 'test' in one ? one.test?.include : []));
  expect(theirs).toEqual(leftOut);
  expect(tests.length).toBeGreaterThan(50);
  const elsewhere = ['src', 'cli', 'db', 'templates', '.ci'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.test\.\w+$/.test(name),
    ),
  );
  expect(elsewhere).toEqual([]);
});

test('nothing is left out or put off, but for tests on ../shared/data, and those say so', () => {
  const conditions = tests.flatMap((path) => skippedIn(path));
  expect(conditions.length).toBeGreaterThan(5);
  expect(conditions.filter(({ how }) => how !== 'skipIf')).toEqual([]);
  expect(conditions.filter(({ title }) => !title.includes('(needs ../shared/data)'))).toEqual([]);
});

interface Condition {
  readonly path: string;
  readonly how: string;
  readonly title: string;
}

/** Every `test.skipIf(…)(title)`, `describe.only(title)` and so on of a file. */
function skippedIn(path: string): Condition[] {
  const text = readFileSync(join(root, path), 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Condition[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isPropertyAccessExpression(node) &&
      /^(?:skip|skipIf|runIf|only|todo|fails)$/.test(node.name.text)
    ) {
      const call = callAround(node);
      if (/^(?:test|it|describe)\b/.test(node.expression.getText(source)) && call)
        found.push({ path, how: node.name.text, title: call.arguments[0]?.getText(source) ?? '' });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The call that has the title: `test.skip('…')`, or the second of `test.skipIf(x)('…')`. */
function callAround(node: ts.Node): ts.CallExpression | undefined {
  let call: ts.CallExpression | undefined;
  for (let at = node.parent; ts.isCallExpression(at) && at.expression.pos === node.pos; at = at.parent)
    call = at;
  return call;
}
