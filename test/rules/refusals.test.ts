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

  test('a status means what it means elsewhere: who may come again, who must sign in first, what is not there or is over', () => {
    const known = [400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 502, 503];
    expect(catalogue.filter(([, { status }]) => !known.includes(status))).toEqual([]);
    const codesOf = (status: number) =>
      catalogue.filter(([, entry]) => entry.status === status).map(([code]) => code);
    expect(codesOf(401)).toEqual(['sign_in_needed', 'choose_account']);
    for (const code of codesOf(404)) expect(code).toMatch(/^(?:no_|nothing_|not_found$)|unknown_/);
    for (const code of codesOf(410)) expect(code).toMatch(/^(?:link|code)_/);
    expect(codesOf(429)).toEqual(['too_many_requests']);
  });

  test('what somebody typed wrong is told at the field where it is', () => {
    const told = (field: string) =>
      catalogue.filter(([, entry]) => entry.field === field).map(([code]) => code);
    expect(told('amount')).toEqual(
      expect.arrayContaining([
        'bad_amount',
        'amount_too_large',
        'part_too_small',
        'partial_not_allowed',
        'overpayment',
      ]),
    );
    expect(told('code')).toEqual(['code_wrong', 'code_spent']);
    expect(told('email')).toContain('bad_email');
    expect(told('date')).toContain('bad_promise_date');
    expect(told('label')).toContain('name_too_long');
    expect(catalogue.filter(([, { field }]) => field === '')).toEqual([]);
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

  test.each(catalogue)('%s tells the public nothing that is for whoever runs the portal', (code, entry) => {
    const forOperators =
      /“portal |PORTAL_|\bnpm |--[a-z]|\bsettings? [a-z]+\.|\b[a-z]+\.[a-z_]+ to\b|signing secret|\{path\}/;
    const { title, message, hint } = new Refusal(code).publicly;
    expect(`${title} ${message} ${hint}`).not.toMatch(forOperators);
    // Who is meant stands in the catalogue: what names a command is for operators.
    const names = forOperators.test(`${entry.message} ${entry.hint}`);
    expect([names, entry.audience]).not.toEqual([true, undefined]);
    expect([title, message, hint].every((text) => /\S/.test(text))).toBe(true);
  });

  test('the doors that the public uses show what the public is told', () => {
    const doors = productSources().filter(({ path }) => /^src\/(?:web|pages|server|middleware)\b/.test(path));
    const shown = doors.flatMap(({ path, text }) =>
      [...text.matchAll(/\b(?:error|refusal|problem)\.(?:title|hint)\b/g)].map(
        ([found]) => `${path}: ${found}`,
      ),
    );
    expect(doors.length).toBeGreaterThan(50);
    expect(shown).toEqual([]);
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
