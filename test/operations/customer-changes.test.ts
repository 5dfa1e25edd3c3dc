import { describe, expect, test } from 'vitest';
import { updateCustomer } from '#src/customers/changes.ts';
import {
  createContact,
  findContact,
  listContacts,
  removeContact,
  updateContact,
} from '#src/customers/contacts.ts';
import { createCustomer, findCustomer } from '#src/customers/customers.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { voidInvoice } from '#src/documents/voids.ts';
import { customerScope, type MerchantScope } from '#src/scope.ts';
import { accountsOf } from '#src/signin/accounts.ts';
import { closeCustomer, reopenCustomer } from '#src/signin/closing.ts';
import { endSessionsOf, sessionsOfCustomer } from '#src/signin/customer-sessions.ts';
import { createSessions } from '#src/signin/sessions.ts';
import { ENGINES, openSmallHouse } from '#test/support/small-house.ts';
import { fingerprintOf } from '#test/support/mirror.ts';

const BEANS = {
  currency: 'EUR',
  date: '2026-11-02',
  lines: [{ name: 'Beans', quantity: '1', unitCost: '10' }],
};

async function threeCustomers(engine: (typeof ENGINES)[number]) {
  const house = await openSmallHouse(engine);
  const merchant = await house.merchant();
  for (const name of ['One', 'Two', 'Three']) await createCustomer(merchant, { name });
  const trace = () => fingerprintOf({ app: { ports: house.ports } }, merchant.tenant.id);
  return { house, merchant, trace };
}

async function signIn(
  merchant: MerchantScope,
  house: { ports: Parameters<typeof createSessions>[0] },
  email: string,
  customerId: number,
) {
  await createSessions(house.ports).issue(merchant, {
    email,
    customerId,
    scope: 'portal',
    method: 'email_link',
    address: '192.0.2.1',
    browser: 'Firefox',
  });
}

describe.each(ENGINES)('changing customers on %s', (engine) => {
  test('what is named changes, null empties, and the rest stays as it was', async () => {
    const { merchant } = await threeCustomers(engine);
    const first = await updateCustomer(merchant, 1, {
      name: 'One Ltd',
      email: 'A@one.example',
      phone: '12',
      language: 'de',
      currency: 'USD',
      parentId: 2,
      taxable: false,
      metadata: { route: '7', old: 'x' },
      disabledMethods: ['check'],
      autopayDelayDays: 4,
    });
    const next = await updateCustomer(merchant, 1, {
      number: 'K-1',
      phone: null,
      metadata: { old: null, more: 'y' },
    });
    expect(next).toMatchObject({
      ...first,
      number: 'K-1',
      phone: undefined,
      metadata: { route: '7', more: 'y' },
      updatedAt: expect.any(Number),
    });
    expect(await findCustomer(merchant, 'k-1')).toEqual(next);
    expect(next).toMatchObject({
      taxable: false,
      parentId: 2,
      disabledMethods: ['check'],
      autopayDelayDays: 4,
    });
    expect(await accountsOf(merchant, 'a@one.example')).toMatchObject([{ customerId: 1, role: 'owner' }]);
  });

  test('a change that cannot be is refused, and nothing is written', async () => {
    const { merchant, trace } = await threeCustomers(engine);
    await updateCustomer(merchant, 2, { parentId: 1 });
    await updateCustomer(merchant, 3, { parentId: 2 });
    const before = await trace();
    const refusals = [
      ['number_taken', { number: 'CUST-00002' }],
      ['bad_input', { number: ' ' }],
      ['bad_input', { name: '' }],
      ['bad_input', { name: null }],
      ['bad_email', { email: 'a@x.example,b@x.example' }],
      ['bad_language', { language: 'english' }],
      ['unknown_currency', { currency: 'QQQ' }],
      ['unknown_customer', { parentId: 9 }],
      ['bad_input', { parentId: 1 }],
      ['bad_input', { parentId: 3 }],
      ['unknown_method', { name: 'New', disabledMethods: ['barter'] }],
      ['bad_delay', { name: 'New', autopayDelayDays: 61 }],
    ] as const;
    for (const [code, changes] of refusals)
      await expect.soft(updateCustomer(merchant, 1, changes), code).rejects.toMatchObject({ code });
    await expect(updateCustomer(merchant, 9, { name: 'x' })).rejects.toMatchObject({
      code: 'unknown_customer',
    });
    await expect(createCustomer(merchant, { name: 'x', parentId: 9 })).rejects.toMatchObject({
      code: 'unknown_customer',
    });
    expect(await trace()).toBe(before);
  });

  test('names are found in any case, unless several differ in nothing else', async () => {
    const { merchant } = await threeCustomers(engine);
    await createCustomer(merchant, { name: 'Upper', number: 'KD-7' });
    expect(await findCustomer(merchant, 'kd-7')).toMatchObject({ name: 'Upper' });
    await createCustomer(merchant, { name: 'Mixed', number: 'Kd-7' });
    expect(await findCustomer(merchant, 'KD-7')).toMatchObject({ name: 'Upper' });
    await expect(findCustomer(merchant, 'kd-7')).rejects.toMatchObject({ code: 'unknown_customer' });
  });

  test('contacts change, are found by id or address, and sign in no more once removed', async () => {
    const { merchant } = await threeCustomers(engine);
    const { id } = await createContact(merchant, { customerId: 1, name: 'Vera', email: 'v@one.example' });
    await updateContact(merchant, id, { role: 'viewer', title: 'Books' });
    const changed = await updateContact(merchant, id, { email: 'W@one.example', title: null });
    expect(changed).toMatchObject({ name: 'Vera', role: 'viewer', title: undefined, email: 'W@one.example' });
    expect(await findContact(merchant, 'w@ONE.example')).toEqual(changed);
    expect(await accountsOf(merchant, 'v@one.example')).toEqual([]);
    expect(await accountsOf(merchant, 'w@one.example')).toMatchObject([{ customerId: 1, role: 'viewer' }]);
    await expect(updateContact(merchant, id, { name: '' })).rejects.toMatchObject({ code: 'bad_input' });
    await expect(updateContact(merchant, id, { email: 'x' })).rejects.toMatchObject({ code: 'bad_email' });
    expect(await findContact(merchant, String(id))).toEqual(changed);
    await removeContact(merchant, id);
    await expect(removeContact(merchant, id)).rejects.toMatchObject({ code: 'unknown_contact' });
    await expect(findContact(merchant, 'w@one.example')).rejects.toMatchObject({ code: 'unknown_contact' });
    expect(await accountsOf(merchant, 'w@one.example')).toEqual([]);
    expect(await listContacts(customerScope(merchant, 1))).toEqual([]);
  });

  test('an address that several contacts have names none of them', async () => {
    const { merchant } = await threeCustomers(engine);
    for (const customerId of [1, 2])
      await createContact(merchant, { customerId, name: 'Vera', email: 'v@one.example' });
    await expect(findContact(merchant, 'v@one.example')).rejects.toMatchObject({ code: 'unknown_contact' });
  });
});

describe.each(ENGINES)('ending and closing on %s', (engine) => {
  test('every session that acts for the customer or could ends, and nobody else’s', async () => {
    const { house, merchant } = await threeCustomers(engine);
    await updateCustomer(merchant, 1, { email: 'a@one.example' });
    await createContact(merchant, { customerId: 1, name: 'Vera', email: 'v@one.example' });
    await createContact(merchant, { customerId: 2, name: 'Vera', email: 'v@one.example' });
    await signIn(merchant, house, 'a@one.example', 1);
    await signIn(merchant, house, 'v@one.example', 2);
    await signIn(merchant, house, 'customer:1', 1);
    await signIn(merchant, house, 'b@two.example', 2);
    const emails = (await sessionsOfCustomer(merchant, 1)).map(({ email }) => email ?? 'by link');
    expect(emails.toSorted()).toEqual(['a@one.example', 'by link', 'v@one.example']);
    expect(await endSessionsOf(merchant, 1)).toBe(3);
    expect(await sessionsOfCustomer(merchant, 1)).toEqual([]);
    expect(await sessionsOfCustomer(merchant, 2)).toMatchObject([{ email: undefined, customerId: 2 }]);
    await expect(endSessionsOf(merchant, 9)).rejects.toMatchObject({ code: 'unknown_customer' });
  });

  test('nor is one whose money is on its way, however far it has come', async () => {
    const { merchant } = await threeCustomers(engine);
    const attempt = {
      id: 'a',
      customer_id: 1,
      nonce: 'a',
      fingerprint: 'a',
      currency: 'EUR',
      amount_minor: 1,
    };
    const taken = { source: 'portal', gateway: 'test', method: 'card', actor: 'x', created_at: 1 } as const;
    await merchant.db.insert('payment_attempts', { ...attempt, ...taken, state: 'created' });
    for (const state of ['created', 'submitted', 'action_required', 'processing', 'parked'] as const) {
      await merchant.db.update('payment_attempts').set({ state }).execute();
      await expect(closeCustomer(merchant, 1), state).rejects.toMatchObject({ code: 'customer_in_use' });
    }
    await merchant.db.update('payment_attempts').set({ state: 'declined' }).execute();
    await closeCustomer(merchant, 1);
    expect(await findCustomer(merchant, '1')).toMatchObject({ isClosed: true });
  });

  test('a customer who owes something is not closed, and one who owes nothing is', async () => {
    const { house, merchant, trace } = await threeCustomers(engine);
    await updateCustomer(merchant, 1, { email: 'a@one.example' });
    await signIn(merchant, house, 'a@one.example', 1);
    const { id } = await issueInvoice(merchant, { ...BEANS, customerId: 1 });
    const before = await trace();
    await expect(closeCustomer(merchant, 1)).rejects.toMatchObject({ code: 'customer_in_use' });
    expect(await trace()).toBe(before);

    await voidInvoice(merchant, id);
    expect(await closeCustomer(merchant, 1)).toBe(1);
    expect(await closeCustomer(merchant, 1)).toBe(0);
    expect(await findCustomer(merchant, '1')).toMatchObject({ isClosed: true, autopay: false });
    expect(await accountsOf(merchant, 'a@one.example')).toEqual([]);
    const closed = await trace();
    await expect(issueInvoice(merchant, { ...BEANS, customerId: 1 })).rejects.toMatchObject({
      code: 'customer_closed',
    });
    expect(await trace()).toBe(closed);

    await reopenCustomer(merchant, 1);
    expect(await accountsOf(merchant, 'a@one.example')).toHaveLength(1);
    await issueInvoice(merchant, { ...BEANS, customerId: 1 });
  });
});
