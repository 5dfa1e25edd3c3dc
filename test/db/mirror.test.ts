import { describe, expect, test } from 'vitest';
import { createContact } from '#src/customers/contacts.ts';
import { customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { fingerprintOf, mirrorTenant, tenantTables } from '#test/support/mirror.ts';

describe.each(ENGINES)('a mirrored tenant on %s', (engine) => {
  const prepare = async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const { scope, invoices } = await customerWithInvoices(merchant, [12_000, 5_000]);
    await createContact(merchant, {
      customerId: scope.customerId,
      name: 'Jo',
      email: 'jo@mueller.example',
      role: 'payer',
    });
    return { house, merchant, scope, invoices };
  };

  test('has the same ids and numbers, and its canary in every text of people', async () => {
    const { house, merchant } = await prepare();
    const { merchant: other, canary } = await mirrorTenant(house, merchant, 'mirror');
    const pick = ['id', 'client_id', 'number', 'customer_id', 'total_minor', 'balance_minor'] as const;
    const invoices = (scope: typeof merchant) =>
      scope.db.from('invoices').select(pick).orderBy('id').execute();
    expect(await invoices(other)).toEqual(await invoices(merchant));
    const customer = await other.db.from('customers').selectAll().executeTakeFirstOrThrow();
    expect(customer.name).toBe(`${canary}Müller & Söhne GmbH`);
    expect(customer.email).toBe(`${canary}petra@mueller.example`);
    const lines = await other.db.from('lines').select('name').execute();
    expect(lines.map(({ name }) => name)).toEqual([`${canary}Paper`, `${canary}Paper`]);
    expect(other.tenant.name).toContain(canary);
  });

  test('has as many rows as the first in every table but the sign-ins and secrets', async () => {
    const { house, merchant } = await prepare();
    const { merchant: other } = await mirrorTenant(house, merchant, 'mirror');
    for (const table of tenantTables()) {
      const own = await merchant.db.from(table).selectAll().execute();
      const mirrored = await other.db.from(table).selectAll().execute();
      expect([table, mirrored.length]).toEqual([table, own.length]);
    }
  });

  test('leaves the first byte for byte as it was, and both go on working', async () => {
    const { house, merchant, invoices } = await prepare();
    const before = await fingerprintOf(house, merchant.tenant.id);
    const { merchant: other } = await mirrorTenant(house, merchant, 'mirror');
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
    const later = await customerWithInvoices(other, [100], 'Later');
    expect(invoices.map(({ id }) => id)).not.toContain(later.invoices[0]?.id);
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
  });

  test('a fingerprint tells one changed letter, one more row and one row less', async () => {
    const { house, merchant } = await prepare();
    const seen = [await fingerprintOf(house, merchant.tenant.id)];
    await merchant.db.update('contacts').set({ name: 'Jo.' }).execute();
    seen.push(await fingerprintOf(house, merchant.tenant.id));
    await merchant.db.insert('idempotency_keys', { key: 'b', request_hash: 'a', created_at: 1 });
    seen.push(await fingerprintOf(house, merchant.tenant.id));
    await merchant.db.remove('contacts').execute();
    seen.push(await fingerprintOf(house, merchant.tenant.id));
    expect(new Set(seen).size).toBe(4);
    await merchant.db.remove('idempotency_keys').where('key', '=', 'nothing').execute();
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(seen.at(-1));
  });
});
