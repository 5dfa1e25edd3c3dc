import { describe, expect, test } from 'vitest';
import { createTenant, findTenant, listTenants, tenantOfHost } from '#src/tenants/tenants.ts';
import { currentMagicLinkKey, magicLinkKeys, rotateMagicLinkKey } from '#src/tenants/keys.ts';
import { ENGINES, openSmallHouse } from '#test/support/small-house.ts';

describe.each(ENGINES)('tenants on %s', (engine) => {
  test('a tenant is made with its address and a magic-link key', async () => {
    const house = await openSmallHouse(engine);
    const tenant = await createTenant(house.operator, {
      username: 'acme',
      name: ' Acme Ltd ',
      currency: 'EUR',
      timeZone: 'Europe/Berlin',
      country: 'DE',
      address1: 'Hauptstraße 1',
      city: 'Berlin',
      postalCode: '10115',
    });
    expect(tenant).toMatchObject({
      id: 1,
      name: 'Acme Ltd',
      origin: 'http://acme.localhost:4321',
      mode: 'test',
    });
    expect(tenant.addressLines).toEqual(['Hauptstraße 1', '10115 Berlin', 'Germany']);
    expect(await findTenant(house.operator, 'acme')).toEqual(tenant);
    const keys = await magicLinkKeys(await house.merchant('other'));
    expect(keys).toMatchObject([{ state: 'active' }]);
    expect(keys[0]!.key).toMatch(/^[\w-]{43}$/);
    expect((await listTenants(house.operator)).map(({ username }) => username)).toEqual(['acme', 'other']);
  });

  test('an unusable tenant is refused and nothing is written', async () => {
    const { operator, merchant, store } = await openSmallHouse(engine);
    await merchant('acme');
    const attempts = [
      ['bad_username', { username: 'A', name: 'x' }],
      ['bad_username', { username: 'www', name: 'x' }],
      ['bad_username', { username: 'ends-', name: 'x' }],
      ['username_taken', { username: 'acme', name: 'x' }],
      ['unknown_currency', { username: 'zed', name: 'x', currency: 'XQZ' }],
      ['bad_time_zone', { username: 'zed', name: 'x', timeZone: 'Mars/Base' }],
      ['bad_input', { username: 'zed', name: ' ' }],
      ['bad_input', { username: 'zed', name: 'x', country: 'Germany' }],
    ] as const;
    for (const [code, fresh] of attempts) {
      await expect(createTenant(operator, fresh)).rejects.toMatchObject({ code });
    }
    await expect(findTenant(operator, 'zed')).rejects.toMatchObject({ code: 'unknown_tenant' });
    expect(await store.kysely.selectFrom('tenants').select('id').execute()).toEqual([{ id: 1 }]);
  });

  test('ten tenants made at once get ten ids, and one name goes to one of them', async () => {
    const { operator } = await openSmallHouse(engine);
    const all = Array.from({ length: 10 }, (_, i) =>
      createTenant(operator, { username: `shop-${i}`, name: 'Shop' }),
    );
    const made = await Promise.all(all);
    expect(new Set(made.map(({ id }) => id)).size).toBe(10);
    const racing = Array.from({ length: 5 }, () =>
      createTenant(operator, { username: 'same', name: 'Same' }),
    );
    const results = await Promise.allSettled(racing);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('a host belongs to a tenant by its subdomain or by a verified domain, and to nobody otherwise', async () => {
    const house = await openSmallHouse(engine, { baseUrl: 'https://portal.example' });
    const { tenant } = await house.merchant();
    const other = await house.merchant('other');
    const domain = { tenant_id: tenant.id, token: 't', created_at: 0 };
    const domains = [
      { ...domain, host: 'bills.acme.example', state: 'verified' as const },
      { ...domain, host: 'waiting.acme.example', state: 'pending' as const },
    ];
    await house.store.kysely.insertInto('domains').values(domains).execute();
    const usernameAt = async (host: string) => (await tenantOfHost(house.operator, host))?.username;
    expect(await usernameAt('acme.portal.example')).toBe('acme');
    expect(await usernameAt('OTHER.portal.example:443')).toBe('other');
    expect(await usernameAt('bills.acme.example')).toBe('acme');
    expect((await tenantOfHost(house.operator, 'acme.portal.example'))?.origin).toBe(
      'https://bills.acme.example',
    );
    expect(other.tenant.origin).toBe('https://other.portal.example');
    const nobody = [
      'portal.example',
      'waiting.acme.example',
      'x.acme.portal.example',
      'acme.portal.example.evil',
      'acme',
    ];
    for (const host of [...nobody, '.portal.example', '']) expect(await usernameAt(host)).toBeUndefined();
  });

  test('rotating the key lets the old one work for the grace time and no longer', async () => {
    const house = await openSmallHouse(engine);
    const merchant = await house.merchant();
    const first = await currentMagicLinkKey(merchant);
    const second = await rotateMagicLinkKey(merchant, 60);
    expect(await currentMagicLinkKey(merchant)).toEqual(second);
    expect((await magicLinkKeys(merchant)).map(({ key }) => key)).toEqual([second.key, first.key]);
    house.pass(60);
    expect((await magicLinkKeys(merchant)).map(({ key }) => key)).toEqual([second.key]);
    const third = await rotateMagicLinkKey(merchant, 0);
    expect((await magicLinkKeys(merchant)).map(({ key }) => key)).toEqual([third.key]);
    await expect(rotateMagicLinkKey(merchant, -1)).rejects.toMatchObject({ code: 'bad_input' });
    expect(await currentMagicLinkKey(merchant)).toEqual(third);
  });

  test('the database keeps no key that can be read, and a sealed key opens for its own tenant alone', async () => {
    const { merchant, store } = await openSmallHouse(engine);
    const { key } = await currentMagicLinkKey(await merchant());
    await merchant('other');
    const rows = await store.kysely.selectFrom('keys').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(key);
    const [mine, others] = rows;
    await store.kysely
      .updateTable('keys')
      .set({ sealed: mine!.sealed })
      .where('tenant_id', '=', others!.tenant_id)
      .execute();
    await expect(magicLinkKeys(await merchant('other'))).rejects.toThrow('sealed for something else');
  });
});
