import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { Refusal, refuse, type RefusalCode } from '#src/kernel/errors.ts';
import { REFUSALS, type RefusalEntry } from '#src/kernel/refusals.ts';
import { importsOf, productSources, scriptsOf, type Source, walk } from './architecture/sources.ts';

const catalogue = Object.entries(REFUSALS) as Array<[RefusalCode, RefusalEntry]>;

/* What callers branch on, and keep to for good: the status of every refusal, those that are for whoever runs the portal after the bar. */
const STATUSES: ReadonlyArray<readonly [status: number, means: string, codes: string]> = [
  [400, 'it was made by no form of ours', `bad_page link_invalid link_too_long | bad_webhook`],
  [401, 'sign in first', `sign_in_needed choose_account`],
  [
    403,
    'the merchant does not offer it',
    `not_allowed advance_not_allowed credit_not_in_portal autopay_not_offered`,
  ],
  [
    404,
    'it is not there, or not yours',
    `not_found link_unknown_customer | unknown_tenant unknown_customer unknown_contact unknown_invoice unknown_mail unknown_job unknown_setting
      unknown_estimate unknown_credit_note unknown_payment no_plan nothing_parked`,
  ],
  [
    409,
    'it does not fit what there is now',
    `account_full too_many_methods invoice_not_payable invoice_changed payment_in_progress form_reused total_not_seen method_not_usable
      estimate_not_open estimate_changed credit_changed no_credit credit_not_enough plan_changed autopay_collects allocation_impossible
      test_gateway_live no_gateway | username_taken customer_closed customer_in_use mode_in_use number_taken import_under_way import_ended
      key_reused estimate_not_invoiceable not_refundable not_voidable plan_not_possible autopay_above_limit autopay_day_full autopay_too_often
      live_clock gateway_not_connected gateway_in_use gateway_keys_mode not_a_demo port_taken address_unusable would_overwrite`,
  ],
  [410, 'it was there, and is over', `link_expired link_used code_spent`],
  [
    422,
    'what was given is wrong',
    `bad_input amount_in_steps bad_text bad_amount deposit_too_large deposit_negative discount_too_large total_below_zero amount_too_large
      unknown_currency bad_date implausible_year bad_duration bad_email code_wrong pdf_too_large nothing_to_pay all_paid nothing_invoiced
      mixed_currencies too_many_invoices partial_not_allowed part_too_small overpayment method_not_offered below_minimum above_maximum
      name_too_long deposit_needed bad_promise_date | bad_language bad_setting bad_username bad_time_zone unknown_method bad_delay
      plan_not_matching not_yet bad_gateway_keys file_unreadable import_refused bad_backup`,
  ],
  [429, 'it came too often', `too_many_requests`],
  [
    500,
    'the portal itself is at fault, or was set up wrongly',
    `ledger_unbalanced | bad_config secret_lost secret_wrong database_unusable not_built`,
  ],
  [502, 'somebody else did not answer', `gateway_silent | sending_failed`],
  [503, 'come again in a moment', `busy pdf_busy`],
];

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
    expect(codesOf(401)).toEqual(['sign_in_needed', 'choose_account']);
    for (const code of codesOf(404)) expect(code).toMatch(/^(?:no_|nothing_|not_found$)|unknown_/);
    for (const code of codesOf(410)) expect(code).toMatch(/^(?:link|code)_/);
    expect(codesOf(429)).toEqual(['too_many_requests']);
  });

  test.each(STATUSES)('%i: %s', (status, _, codes) => {
    const [everybody = '', operators = ''] = codes.split('|');
    const withStatus = catalogue.filter(([, entry]) => entry.status === status);
    const of = (audience: RefusalEntry['audience']) =>
      withStatus.filter(([, entry]) => entry.audience === audience).map(([code]) => code);
    expect(of(undefined).toSorted()).toEqual(words(everybody));
    expect(of('operator').toSorted()).toEqual(words(operators));
  });

  test('there are no other statuses, and no other readers', () => {
    const told = STATUSES.flatMap(([, , codes]) => words(codes.replace('|', ' ')));
    expect(catalogue.map(([code]) => code).toSorted()).toEqual(told.toSorted());
  });

  test('what somebody typed wrong is told at the field where it is', () => {
    const told = (field: string) =>
      catalogue
        .filter(([, entry]) => entry.field === field)
        .map(([code]) => code)
        .toSorted();
    const fields = [...new Set(catalogue.flatMap(([, { field }]) => field ?? []))];
    expect(Object.fromEntries(fields.map((field) => [field, told(field)]))).toEqual({
      amount: words(
        'account_full amount_in_steps bad_amount amount_too_large partial_not_allowed part_too_small overpayment',
      ),
      code: ['code_spent', 'code_wrong'],
      date: ['bad_promise_date'],
      deposit: ['deposit_negative', 'deposit_too_large'],
      email: ['bad_email'],
      label: ['name_too_long'],
      language: ['bad_language'],
    });
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

  test('what is for operators alone is told to the public in general words: nothing is there, or it does not work now', () => {
    for (const [code, entry] of catalogue) {
      if (entry.audience === undefined || entry.publicly) continue;
      const { title } = new Refusal(code).publicly;
      expect(title, code).toBe(entry.status === 404 ? 'Not found' : 'Not possible at the moment');
    }
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

function codesOf(status: number): RefusalCode[] {
  return catalogue.filter(([, entry]) => entry.status === status).map(([code]) => code);
}

function words(text: string): string[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .toSorted();
}

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
