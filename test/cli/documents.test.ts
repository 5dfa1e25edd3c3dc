import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { approve } from '#src/documents/estimate-approval.ts';
import { customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { portalIn } from '#test/support/in-process.ts';
import { fingerprintOf } from '#test/support/mirror.ts';
import { expectSoundBooks } from '#test/support/money.ts';

describe.each(ENGINES)('documents at the command line on %s', (engine) => {
  test('an invoice is issued from options and from JSON, to the cent, and open credit pays it', async () => {
    const { house, json, portal, file } = await aTenant(engine);
    const issued = await json(
      'invoice issue acme --customer CUST-00001 --line Kettle;3;149.50 --discount Loyal;10% --shipping Post;12.00 --tax VAT;19% --date 2026-11-20 --due 2027-01-11 --number K-1 --notes Thanks --terms NET-30',
    );
    // 448.50 − 44.85 + 12.00 = 415.65; 19 % of that is 78.97.
    expect(issued).toMatchObject({
      number: 'K-1',
      subtotal: 448.5,
      total: 494.62,
      balance: 494.62,
      status: 'sent',
    });
    await json('credit adjust acme CUST-00001 --add 94.62 --notes Patience');
    const input = {
      customer: 1,
      items: [{ name: 'Filter', quantity: 2, unit_cost: 60 }],
      due_date: '2027-02-01',
    };
    const paid = await json(
      `invoice issue acme --json ${file('invoice.json', JSON.stringify(input))}`,
      false,
    );
    expect(paid).toMatchObject({ total: 120, balance: 25.38 });
    expect((await portal('credit show acme CUST-00001')).stdout).toMatch(/Available +€0\.00/);
    const shown = (await portal('invoice show acme K-1')).stdout;
    for (const text of ['Kettle', '€494.62', 'Page ']) expect(shown).toContain(text);
    await expectSoundBooks(house);
  });

  test('letters that no font of the PDF has are told when an invoice is issued, and it is issued all the same', async () => {
    const { portal } = await aTenant(engine);
    const issued = await portal('invoice issue acme --customer CUST-00001 --line 東京🙂;1;5 --number K-9');
    expect(issued).toMatchObject({
      code: 0,
      stderr: 'The PDF shows □ for 🙂, which none of its fonts has.\n',
    });
    expect(issued.stdout).toContain('K-9');
  });

  test('an estimate is issued, listed, made into an invoice once it is approved, and another is taken back', async () => {
    const { house, scope, json } = await aTenant(engine);
    const offered = await json(
      'estimate issue acme --customer CUST-00001 --line Kitchen;1;2800 --deposit 50% --expires 2027-03-01 --number E-1',
    );
    expect(offered).toMatchObject({
      number: 'E-1',
      total: 2800,
      deposit: 1400,
      deposit_paid: false,
      status: 'sent',
    });
    const refused = await portalRefuses(house, 'estimate invoice acme E-1');
    expect(refused).toMatch(/approved/i);
    const { id } = await scope.db.from('estimates').select('id').executeTakeFirstOrThrow();
    await approve(scope, { estimateId: id, initials: 'PM', ip: '192.0.2.1', userAgent: 'tests' });
    expect(await json('estimate list acme --status approved')).toMatchObject([
      { number: 'E-1', approved: 'PM' },
    ]);
    expect(await json('estimate invoice acme E-1 --number K-2 --due 2027-01-11')).toMatchObject({
      number: 'K-2',
      total: 2800,
    });
    await json('estimate issue acme --customer CUST-00001 --line Shelf;1;10 --number E-2');
    expect(await json('estimate void acme E-2')).toMatchObject({ status: 'voided' });
    await expectSoundBooks(house);
  });

  test('a credit note is issued for an invoice and taken back; credit is never taken below nothing', async () => {
    const { house, json } = await aTenant(engine);
    const note = await json(
      'credit-note issue acme --customer CUST-00001 --line Returned;1;7 --invoice INV-0001',
    );
    expect(note).toMatchObject({ total: 7, balance: 7, status: 'open' });
    expect(await json('credit show acme CUST-00001')).toBeDefined();
    expect(await json(`credit-note void acme ${(note as { number: string }).number}`)).toMatchObject({
      status: 'voided',
    });
    expect(await portalRefuses(house, 'credit adjust acme CUST-00001 --take 0.01')).toContain('Only €0.00');
    await expectSoundBooks(house);
  });

  test('what is wrong with a document is said by name, and nothing is written', async () => {
    const { house, merchant, portal, file } = await aTenant(engine);
    const item = { name: 'X', unit_cost: '5' };
    const before = await fingerprintOf(house, merchant.tenant.id);
    for (const [input, words] of [
      [{ customer: 1, items: [] }, 'items'],
      [{ customer: 1, items: [{ name: 'X', unit_cost: '-5' }] }, '-5'],
      [{ customer: 1, items: [{ ...item, foo: 1 }] }, 'foo'],
      [{ customer: 1, items: [item], currency: 'XXX' }, 'XXX'],
      [{ customer: 1, items: [item], date: 'soon' }, 'soon'],
      [{ customer: 99, items: [item] }, '99'],
      [{ customer: 1, items: [{ name: 'X', unit_cost: '1e3' }] }, '1e3'],
      [{ customer: 1, items: [item], discounts: [{ amount: '6' }] }, ''],
      [{ items: [item] }, 'customer'],
    ] as const) {
      const path = file('bad.json', JSON.stringify(input));
      for (const kind of ['invoice', 'estimate', 'credit-note']) {
        const { code, stdout, stderr } = await portal(`${kind} issue acme --json ${path}`);
        expect([code, stdout], `${kind} ${path}: ${stderr}`).toEqual([1, '']);
        expect(stderr).toContain(words);
      }
    }
    expect((await portal(`invoice issue acme --json ${file('none.json', 'not JSON')}`)).code).toBe(1);
    expect((await portal('invoice issue acme --customer 1 --line nonsense')).code).toBe(2);
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
  });
});

type House = Awaited<ReturnType<typeof openHouse>>;

async function aTenant(engine: (typeof ENGINES)[number]) {
  const house = await openHouse(engine);
  const merchant = await house.tenant();
  const { scope } = await customerWithInvoices(merchant, [10_000]);
  const run = portalIn(house);
  const portal = (line: string) => run(line.split(' '));
  const json = async (line: string, ask = true): Promise<unknown> => {
    const { code, stdout, stderr } = await portal(ask ? `${line} --json` : line);
    expect([code, stderr], line).toEqual([0, '']);
    return JSON.parse(stdout);
  };
  const file = (name: string, text: string): string => {
    const path = join(house.config.dataDir, name);
    writeFileSync(path, text);
    return path;
  };
  return { house, merchant, scope, portal, json, file };
}

async function portalRefuses(house: House, line: string): Promise<string> {
  const { code, stderr } = await portalIn(house)(line.split(' '));
  expect(code, stderr).toBe(1);
  return stderr;
}
