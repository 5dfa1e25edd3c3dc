import { describe, expect, test } from 'vitest';
import { createContact } from '#src/customers/contacts.ts';
import { createCustomer } from '#src/customers/customers.ts';
import type { MerchantScope } from '#src/scope.ts';
import { accountsOf, accountsOfSession, identityOfCustomer, roleOfSession } from '#src/signin/accounts.ts';
import { ENGINES, openSmallHouse } from '#test/support/small-house.ts';

describe.each(ENGINES)('whom an address may act for, on %s', (engine) => {
  test('the main address is an owner, a contact has the role that was given, and the stronger of two counts', async () => {
    const { merchant, anna, berta } = await prepare(engine);
    expect(await roles(merchant, 'anna@example.com')).toEqual([
      ['Anna GmbH', 'owner'],
      ['Berta AG', 'payer'],
    ]);
    expect(await roles(merchant, 'bo@example.com')).toEqual([['Berta AG', 'viewer']]);
    expect(await roles(merchant, 'nobody@example.com')).toEqual([]);
    const [first] = await accountsOf(merchant, 'anna@example.com');
    expect(first).toEqual({ customerId: anna, name: 'Anna GmbH', number: expect.any(String), role: 'owner' });
    await createContact(merchant, { customerId: anna, name: 'A', email: 'anna@example.com', role: 'viewer' });
    await createContact(merchant, { customerId: berta, name: 'Bo', email: 'bo@example.org', role: 'payer' });
    expect(await roles(merchant, 'anna@example.com')).toEqual([
      ['Anna GmbH', 'owner'],
      ['Berta AG', 'payer'],
    ]);
  });

  test('accounts come by name, and of one name the older one first', async () => {
    const { merchant } = await prepare(engine);
    const shared = 'shared@example.com';
    for (const name of ['Zeta', 'Alpha', 'Zeta']) await createCustomer(merchant, { name, email: shared });
    const found = await accountsOf(merchant, shared);
    expect(found.map(({ name }) => name)).toEqual(['Alpha', 'Zeta', 'Zeta']);
    expect(found[1]!.customerId).toBeLessThan(found[2]!.customerId);
  });

  test('a customer who is closed is nobody’s account, neither by the main address nor by a contact’s', async () => {
    const { merchant, anna, berta } = await prepare(engine);
    await close(merchant, anna);
    expect(await roles(merchant, 'anna@example.com')).toEqual([['Berta AG', 'payer']]);
    await close(merchant, berta);
    expect(await roles(merchant, 'anna@example.com')).toEqual([]);
    expect(await accountsOf(merchant, identityOfCustomer(anna))).toEqual([]);
  });

  test('a customer without an address stands for itself alone, by its id and nothing like it', async () => {
    const { merchant, anna, berta } = await prepare(engine);
    expect(await roles(merchant, identityOfCustomer(berta))).toEqual([['Berta AG', 'owner']]);
    expect(identityOfCustomer(anna)).toBe(`customer:${anna}`);
    for (const text of [
      'customer:0',
      `xcustomer:${anna}`,
      `customer:${anna}x`,
      `customer:0${anna}`,
      'customer:',
    ])
      expect(await accountsOf(merchant, text), text).toEqual([]);
  });

  test('who proved an address has all of its accounts; a link of the merchant’s vouches for one customer and no other', async () => {
    const { merchant, anna, berta } = await prepare(engine);
    const email = 'anna@example.com';
    const seen = async (session: Parameters<typeof accountsOfSession>[1]) =>
      (await accountsOfSession(merchant, session)).map(({ customerId, role }) => [customerId, role]);
    const all = [
      [anna, 'owner'],
      [berta, 'payer'],
    ];
    expect(await seen({ email, customerId: anna, method: 'email_link' })).toEqual(all);
    expect(await seen({ email, customerId: undefined, method: 'email_code' })).toEqual(all);
    expect(await seen({ email, customerId: berta, method: 'magic_link' })).toEqual([[berta, 'owner']]);
    expect(await seen({ email, customerId: undefined, method: 'magic_link' })).toEqual([]);
    expect(await roleOfSession(merchant, { email, customerId: berta, method: 'email_link' })).toBe('payer');
    expect(await roleOfSession(merchant, { email, customerId: berta, method: 'view_link' })).toBe('owner');
    expect(
      await roleOfSession(merchant, { email, customerId: undefined, method: 'email_link' }),
    ).toBeUndefined();
    const lost = { email: 'bo@example.com', customerId: anna, method: 'email_link' } as const;
    expect(await roleOfSession(merchant, lost)).toBeUndefined();
  });
});

async function prepare(engine: (typeof ENGINES)[number]) {
  const house = await openSmallHouse(engine);
  const merchant = await house.merchant();
  const { id: anna } = await createCustomer(merchant, { name: 'Anna GmbH', email: 'Anna@Example.com' });
  const { id: berta } = await createCustomer(merchant, { name: 'Berta AG' });
  const contact = { customerId: berta, name: 'Someone' };
  await createContact(merchant, { ...contact, email: 'anna@example.com', role: 'payer' });
  await createContact(merchant, { ...contact, email: 'bo@example.com', role: 'viewer' });
  return { merchant, anna, berta };
}

async function roles(merchant: MerchantScope, email: string): Promise<string[][]> {
  return (await accountsOf(merchant, email)).map(({ name, role }) => [name, role]);
}

async function close({ db }: MerchantScope, id: number): Promise<void> {
  await db.update('customers').set({ closed_at: 1 }).where('id', '=', id).execute();
}
