import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { Refusal, refuse, type RefusalCode } from '#src/kernel/errors.ts';
import { REFUSALS, type RefusalEntry } from '#src/kernel/refusals.ts';
import { importsOf, productSources, scriptsOf, type Source, walk } from './architecture/sources.ts';

const catalogue = Object.entries(REFUSALS) as Array<[RefusalCode, RefusalEntry]>;

interface Use {
  readonly at: string;
  readonly code: string;
  /** The names of the details that are given, or undefined where they are not written out in the call. */
  readonly given: readonly string[] | undefined;
}

describe('the catalogue of refusals', () => {
  test.each(catalogue)('%s says what happened and what to do, in whole sentences', (code, entry) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(Number.isInteger(entry.status) && entry.status >= 400 && entry.status < 600).toBe(true);
    expect(entry.title).toMatch(/^\p{Lu}[^.!]*[^.!\s]$/u);
    expect(entry.message).toMatch(/^[\p{Lu}“{].*\.$/u);
    // The hint of an unusable database is a sentence of its own.
    expect(entry.hint).toMatch(/^(?:\p{Lu}.*\.|\{todo\})$/u);
    expect(`${entry.title}${entry.message}${entry.hint}`).not.toMatch(/ {2}|\.\.|['"]|please please/);
  });

  test('every place that refuses gives what the sentences speak of', () => {
    const uses = productSources()
      .filter(knowsTheCatalogue)
      .flatMap((source) => scriptsOf(source).flatMap((script) => refusalsIn(source.path, script)));
    expect(uses.length).toBeGreaterThan(40);
    const missing = uses.flatMap(({ at, code, given }) => {
      const entry = catalogue.find(([known]) => known === code)?.[1];
      if (!entry) return [`${at}: ${code} is not in the catalogue`];
      const absent = given === undefined ? [] : placeholders(entry).filter((name) => !given.includes(name));
      return absent.map((name) => `${at}: ${code} needs {${name}}`);
    });
    expect(missing).toEqual([]);
  });

  test('a refusal carries its status, its sentences filled, and the details', () => {
    const refusal = new Refusal('unknown_tenant', { tenant: 'acme' });
    expect(refusal).toMatchObject({
      code: 'unknown_tenant',
      status: 404,
      title: 'No such tenant',
      message: 'There is no tenant called “acme”.',
      details: { tenant: 'acme' },
    });
    expect(refusal).toBeInstanceOf(Error);
    expect(() => refuse('bad_amount', { value: '$&{x}$1' })).toThrow(
      '“$&{x}$1” is not an amount we can use.',
    );
  });
});

function knowsTheCatalogue(source: Source): boolean {
  return importsOf(source).some(({ target }) => target === 'src/kernel/errors.ts');
}

function placeholders({ message, hint }: RefusalEntry): string[] {
  return [...`${message} ${hint}`.matchAll(/\{(\w+)\}/g)].map((found) => found[1]!);
}

function refusalsIn(path: string, script: ts.SourceFile): Use[] {
  const uses: Use[] = [];
  walk(script, (node) => {
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return;
    if (!/^(?:refuse|Refusal)$/.test(node.expression.getText(script))) return;
    const [code, details] = node.arguments ?? [];
    if (!code || !ts.isStringLiteral(code)) return;
    const { line } = script.getLineAndCharacterOfPosition(node.getStart(script));
    uses.push({ at: `${path}:${line + 1}`, code: code.text, given: namesIn(details) });
  });
  return uses;
}

function namesIn(details: ts.Expression | undefined): string[] | undefined {
  if (details === undefined) return [];
  if (!ts.isObjectLiteralExpression(details)) return undefined;
  const names = details.properties.map((property) => property.name?.getText());
  return names.every((name) => name !== undefined) ? names : undefined;
}
