import { describe, expect, test } from 'vitest';
import { createContact, listContacts } from '#src/customers/contacts.ts';
import { billingDetails, createCustomer, findCustomer, listCustomers } from '#src/customers/customers.ts';
import { customerScope } from '#src/scope.ts';
import { ENGINES, openSmallHouse } from '#test/support/small-house.ts';

describe.each(ENGINES)('customers on %s', (engine) => {
  test('a customer is made, found by number and by id, and sees itself', async () => {
    const { merchant } = await openSmallHouse(engine);
    const scope = await merchant();
    const made = await createCustomer(scope, {
      name: 'Łódź & Söhne',
      email: ' Anna@Example.COM ',
      country: 'US',
      city: 'Reno',
      region: 'NV',
    });
    expect(made).toMatchObject({
      id: 1,
      number: 'CUST-00001',
      email: 'Anna@Example.COM',
      currency: 'EUR',
      autopay: false,
      taxable: true,
    });
    expect(made.clientId).toMatch(/^[0-9A-Za-z]{24}$/);
    expect(made.addressLines).toEqual(['Reno, NV', 'United States']);
    expect(await findCustomer(scope, 'CUST-00001')).toEqual(made);
    expect(await findCustomer(scope, '1')).toEqual(made);
    expect(await billingDetails(customerScope(scope, 1))).toEqual(made);
    await expect(findCustomer(await merchant('other'), '1')).rejects.toMatchObject({
      code: 'unknown_customer',
    });
  });

  test('a number wins over an id, and numbers that are taken are stepped over', async () => {
    const { merchant } = await openSmallHouse(engine);
    const scope = await merchant();
    await createCustomer(scope, { name: 'First', number: '2' });
    await createCustomer(scope, { name: 'Second', number: 'CUST-00001' });
    const third = await createCustomer(scope, { name: 'Third' });
    expect(third.number).toBe('CUST-00002');
    expect(await findCustomer(scope, '2')).toMatchObject({ name: 'First' });
    expect(await findCustomer(scope, '3')).toMatchObject({ name: 'Third' });
    expect((await listCustomers(scope, { limit: 2 })).map(({ name }) => name)).toEqual(['First', 'Second']);
    expect(await listCustomers(scope)).toHaveLength(3);
  });

  test('an unusable customer or contact is refused and nothing is written', async () => {
    const { merchant } = await openSmallHouse(engine);
    const scope = await merchant();
    await createCustomer(scope, { name: 'First', number: 'A-1' });
    const refusals = [
      ['number_taken', { name: 'x', number: 'A-1' }],
      ['bad_email', { name: 'x', email: '"a b"@x.com' }],
      ['unknown_currency', { name: 'x', currency: 'QQQ' }],
      ['bad_input', { name: '  ' }],
    ] as const;
    for (const [code, fresh] of refusals)
      await expect(createCustomer(scope, fresh)).rejects.toMatchObject({ code });
    await expect(createContact(scope, { customerId: 9, name: 'x' })).rejects.toMatchObject({
      code: 'unknown_customer',
    });
    await expect(createContact(scope, { customerId: 1, name: 'x', email: 'x' })).rejects.toMatchObject({
      code: 'bad_email',
    });
    await expect(findCustomer(scope, '1e0')).rejects.toMatchObject({ code: 'unknown_customer' });
    expect(await listCustomers(scope)).toHaveLength(1);
    expect(await listContacts(customerScope(scope, 1))).toEqual([]);
  });

  test('contacts belong to their customer alone', async () => {
    const { merchant } = await openSmallHouse(engine);
    const scope = await merchant();
    for (const name of ['One', 'Two']) await createCustomer(scope, { name });
    const contact = await createContact(scope, {
      customerId: 2,
      name: 'Eve',
      email: 'eve@two.example',
      isPrimary: true,
    });
    expect(contact).toMatchObject({ customerId: 2, role: 'payer', isPrimary: true });
    expect(await listContacts(customerScope(scope, 2))).toEqual([contact]);
    expect(await listContacts(customerScope(scope, 1))).toEqual([]);
  });
});
