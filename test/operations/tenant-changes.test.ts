import { describe, expect, test } from 'vitest';
import { createCustomer } from '#src/customers/customers.ts';
import { changeMode } from '#src/payments/gateways/mode.ts';
import { createTenant, findTenant, listTenants, updateTenant } from '#src/tenants/tenants.ts';
import { setTestClock } from '#src/tenants/test-clock.ts';
import { ENGINES, openSmallHouse } from '#test/support/small-house.ts';
import { customerWithInvoices, openHouse } from '#test/support/house.ts';
import { paid } from '#test/support/money.ts';

const ACME = {
  username: 'acme',
  name: 'Acme',
  currency: 'EUR',
  country: 'DE',
  phone: '12',
  website: 'https://acme.example',
};

describe.each(ENGINES)('changing tenants on %s', (engine) => {
  test('what is named changes, null empties, and the rest stays as it was', async () => {
    const { operator } = await openSmallHouse(engine);
    const before = await createTenant(operator, ACME);
    const after = await updateTenant(operator, before, {
      username: 'acme-gmbh',
      name: 'Acme GmbH',
      timeZone: 'Europe/Berlin',
      email: 'billing@acme.example',
      phone: null,
      city: 'Berlin',
    });
    expect(after).toEqual({
      ...before,
      username: 'acme-gmbh',
      origin: 'http://acme-gmbh.localhost:4321',
      name: 'Acme GmbH',
      timeZone: 'Europe/Berlin',
      email: 'billing@acme.example',
      phone: undefined,
      addressLines: ['Berlin', 'Germany'],
    });
    expect(await findTenant(operator, 'acme-gmbh')).toEqual(after);
    await expect(findTenant(operator, 'acme')).rejects.toMatchObject({ code: 'unknown_tenant' });
  });

  test('a change that cannot be is refused, and the tenant stays as it was', async () => {
    const { operator } = await openSmallHouse(engine);
    const acme = await createTenant(operator, ACME);
    await createTenant(operator, { username: 'globex', name: 'Globex' });
    const before = await listTenants(operator);
    const refusals = [
      ['username_taken', { username: 'globex' }],
      ['bad_username', { username: 'www' }],
      ['bad_input', { name: null }],
      ['unknown_currency', { currency: null }],
      ['bad_input', { website: 'javascript:alert(1)' }],
      ['bad_input', { country: 'Germany' }],
      ['bad_email', { email: 'a@x.example,b@x.example' }],
      ['bad_language', { language: 'de_DE' }],
      ['bad_time_zone', { timeZone: 'Berlin' }],
      ['unknown_currency', { currency: 'QQQ' }],
    ] as const;
    for (const [code, changes] of refusals) {
      await expect.soft(updateTenant(operator, acme, changes), code).rejects.toMatchObject({ code });
    }
    for (const fresh of [
      { website: 'javascript:alert(1)' },
      { email: 'a@x.example,b@x.example' },
      { language: 'de_DE' },
    ])
      await expect
        .soft(createTenant(operator, { ...ACME, username: 'initech', ...fresh }))
        .rejects.toMatchObject({ name: 'Refusal' });
    expect(await listTenants(operator)).toEqual(before);
  });

  test('the mode changes while nothing was paid in it', async () => {
    const { operator, merchant } = await openSmallHouse(engine);
    const acme = await createTenant(operator, ACME);
    await createCustomer(await merchant('other'), { name: 'x' });
    const live = await changeMode(operator, acme, 'live');
    expect(live).toEqual({ ...acme, mode: 'live' });
    expect(await changeMode(operator, live, 'test')).toEqual(acme);
  });

  test('the mode of a tenant whose clock was moved, or that took payments, stays', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const { scope, invoices } = await customerWithInvoices(merchant, [1000]);
    const operator = house.app.operator();
    const moved = await setTestClock(operator, merchant.tenant, Date.UTC(2026, 10, 23));
    await expect(changeMode(operator, moved, 'live')).rejects.toMatchObject({ code: 'mode_in_use' });
    const tenant = await setTestClock(operator, moved, undefined);
    await paid(scope, invoices[0]!.clientId);
    await expect(changeMode(operator, tenant, 'live')).rejects.toMatchObject({ code: 'mode_in_use' });
    expect(await findTenant(operator, tenant.username)).toEqual(tenant);
  });
});
