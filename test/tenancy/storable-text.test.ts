import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { buildProgram } from '#cli/program.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { importCsv } from '#src/imports/csv.ts';
import { importUbl } from '#src/imports/ubl-import.ts';
import { PLAIN, ublExample } from '#test/data/ubl-example.ts';
import { ENGINES, openHouse } from '#test/support/house.ts';
import { textSource, wholeTenant } from '#test/support/import-files.ts';
import { portalIn } from '#test/support/in-process.ts';
import { fingerprintOf } from '#test/support/mirror.ts';
import { openPortal, Visitor } from '#test/support/portal.ts';
import { busyTenant } from './busy-tenant.ts';

/*
 * PostgreSQL cannot keep U+0000, SQLite would cut texts at it, and neither keeps half a surrogate pair: at every door such text is refused in
 * the same words on both, and nothing is written.
 */

const ODD = 'a\0b';
const HALF = 'a\ud800b';
const WORDS = 'contains an invisible character that cannot be stored';
/** Names by which pages read their query. */
const QUERIES =
  'status number from until sort dir per cursor to email invoice estimate note again look'.split(' ');

describe.each(ENGINES)('on %s', (engine) => {
  test('no field of any form, no query and no part of a path takes it', async () => {
    const open = await openPortal(engine);
    const { merchant, scope, invoices, estimate, planned, note, methods } = await busyTenant(open);
    const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
    const anonymous = new Visitor(merchant.tenant.origin, open.portal.port);
    const card = `/payment_methods/${methods.card}`;
    const fixed =
      '/ /invoices /estimates /credit_notes /payments /payment_methods /payment_methods/new /access /access/account /credit /autopay /promise /pay/advance /dev/mail';
    const pages = [
      ...fixed.split(' '),
      `/pay?invoice=${invoices[2]!.clientId}`,
      card,
      `${card}/removal`,
      `/estimates/${estimate.clientId}/approval`,
      `/estimates/${estimate.clientId}/decline`,
      `/invoices/${planned.clientId}/plan`,
      `/payment_methods/${methods.account}/verification`,
      `/credit_notes/${note.clientId}`,
    ];
    // Opening a page may note that it was seen; what is refused notes nothing.
    const doors: Array<{ who: Visitor; path: string; forms: ReturnType<typeof formsOf> }> = [];
    for (const path of pages)
      doors.push({ who: visitor, path, forms: formsOf((await visitor.get(path)).text, path) });
    for (const path of ['/login', '/login/code'])
      doors.push({ who: anonymous, path, forms: formsOf((await anonymous.get(path)).text, path) });
    const sent: string[] = [];
    const failed: string[] = [];
    const before = await fingerprintOf(open, merchant.tenant.id);
    const expectRefused = async (what: string, answer: Promise<{ status: number; text: string }>) => {
      const { status, text } = await answer;
      sent.push(what);
      if (status < 400 || status >= 500) failed.push(`${what}: ${status}`);
      if (text.includes('\0')) failed.push(`${what}: shown again as it came`);
    };
    for (const { who, path, forms } of doors) {
      for (const { action, names } of forms)
        for (const odd of names) {
          const values = names.map((name) => [name, name === odd ? ODD : 'x'] as [string, string]);
          await expectRefused(`${action} ${odd}`, who.post(action, values));
        }
      const [bare = ''] = path.split('?');
      for (const query of QUERIES) await expectRefused(`${bare}?${query}`, who.get(`${bare}?${query}=a%00b`));
      await expectRefused(`${bare}/…`, who.get(`${bare === '/' ? '' : bare}/a%00b`));
    }
    for (const id of ['x', '1e300', '-1', '1.5'])
      await expectRefused(`/dev/mail/${id}`, visitor.get(`/dev/mail/${id}`));
    expect(failed).toEqual([]);
    expect(sent.length).toBeGreaterThan(300);
    expect(await fingerprintOf(open, merchant.tenant.id)).toBe(before);
  });

  test('a form says it beside the field, and shows the rest of what was typed', async () => {
    const open = await openPortal(engine);
    const merchant = await open.tenant();
    const anonymous = new Visitor(merchant.tenant.origin, open.portal.port);
    const { status, text } = await anonymous.post('/login', { email: `petra${'\0'}@mueller.example` });
    expect(status).toBe(422);
    expect(text).toContain(WORDS);
    expect(text).toContain('value="petra@mueller.example"');
  });

  test('no argument or option of any command takes it, nor a document in JSON', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    await createCustomer(merchant, { name: 'Ada', number: 'C1' });
    const before = await fingerprintOf(house, merchant.tenant.id);
    const portal = portalIn(house);
    const refused = { code: 1, stdout: '', stderr: expect.stringContaining(WORDS) };
    const lines = (await leaves()).flatMap(linesOf);
    expect(lines.length).toBeGreaterThan(150);
    for (const line of lines) expect(await portal(line), line.join(' ')).toMatchObject(refused);
    const file = join(house.config.dataDir, 'invoice.json');
    for (const odd of [ODD, HALF]) {
      const items = [{ name: 'Paper', quantity: '1', unit_cost: '1', metadata: { deep: [odd] } }];
      writeFileSync(file, JSON.stringify({ customer: 'C1', items }));
      expect(await portal(['invoice', 'issue', 'acme', '--json', file]), odd).toMatchObject(refused);
    }
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
  });

  test('no cell of a CSV file and no element of a UBL document takes it: the row is named', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const before = await wholeTenant(merchant);
    const customers = textSource(`number,name\nC1,Ada\nC2,E${'\0'}ve\n`, 'customers.csv');
    const csv = await importCsv(merchant, { customers }, { skipBad: false });
    expect(csv).toMatchObject({ kept: false, problemCount: 1 });
    expect(csv.problems).toMatchObject([{ line: 3, value: 'Eve', reason: expect.stringContaining(WORDS) }]);
    for (const odd of ['\0', '&#0;', '&#xD800;']) {
      const xml = ublExample(PLAIN).replace('</cbc:ID>', `${odd}</cbc:ID>`);
      const ubl = await importUbl(merchant, [textSource(xml, 'a.xml')], { skipBad: false });
      expect(ubl, JSON.stringify(odd)).toMatchObject({ kept: false, problemCount: 1 });
    }
    expect(await wholeTenant(merchant)).toEqual(before);
  });

  test('what passes a door all the same is refused before it reaches the database', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const before = await fingerprintOf(house, merchant.tenant.id);
    for (const odd of [ODD, HALF]) {
      const reading = merchant.db.from('customers').select('id').where('name', '=', odd).execute();
      await expect(reading).rejects.toMatchObject({ code: 'bad_text' });
      await expect(createCustomer(merchant, { name: odd })).rejects.toMatchObject({ code: 'bad_text' });
    }
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
  });
});

/** The forms of a page that are sent, with the names of their fields. */
function formsOf(html: string, page: string): Array<{ action: string; names: string[] }> {
  const forms = [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)];
  return forms.flatMap(([, head = '', body = '']) => {
    if (!/method="post"/i.test(head)) return [];
    const action = /action="([^"]*)"/.exec(head)?.[1]?.replaceAll('&amp;', '&') ?? page;
    return [
      { action, names: [...new Set([...body.matchAll(/name="([^"]*)"/g)].map(([, name = '']) => name))] },
    ];
  });
}

async function leaves(): Promise<Array<{ path: string[]; command: Command }>> {
  const below = (command: Command, path: string[]): Array<{ path: string[]; command: Command }> =>
    command.commands.length === 0
      ? [{ path, command }]
      : command.commands.flatMap((one) => below(one, [...path, one.name()]));
  return below(await buildProgram('all'), []).filter(
    ({ path: [group] }) => group !== 'serve' && group !== 'demo',
  );
}

/** One line for each argument and option with a value, with the odd text there alone. */
function linesOf({ path, command }: { path: string[]; command: Command }): string[][] {
  const places = command.registeredArguments.map((_, at) => at);
  const args = (odd: number) => places.map((at) => (at === odd ? ODD : 'acme'));
  const options = command.options.filter((option) => option.required || option.optional);
  return [
    ...places.map((at) => [...path, ...args(at)]),
    ...options.map((option) => [...path, ...args(-1), option.long ?? '', ODD]),
  ];
}
