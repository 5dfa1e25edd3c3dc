import type { KyselyPlugin } from 'kysely';
import { describe, expect, test } from 'vitest';
import { type MerchantScope, operatorScope } from '#src/scope.ts';
import { requestEmailLink } from '#src/signin/email-links.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import { customerWithInvoices, ENGINES, type House, openHouse } from '#test/support/house.ts';

/*
 * Whoever asks for a sign-in mail must not learn from the answer, nor from how long it takes, whether an address is known here. The answer's
 * text is compared in test/web/sign-in.test.ts; this is about the work done before it, which is the same to the statement.
 */
const KNOWN = 'petra@mueller.example';
const UNKNOWN = 'nobody@nowhere.example';

describe.each(ENGINES)('on %s', (engine) => {
  test('asking for a sign-in mail runs the same statements for known and unknown addresses', async () => {
    const { watched, seen } = await watchedTenant(engine);
    await ask(watched, KNOWN);
    const known = seen.splice(0);
    await ask(watched, UNKNOWN);
    expect(seen.splice(0)).toEqual(known);
    expect(known.length).toBeGreaterThan(0);
    expect(known.join()).not.toContain('customers');
  });
});

function ask(merchant: MerchantScope, email: string): Promise<void> {
  return requestEmailLink(merchant, {
    email,
    browserNonce: 'a browser of the tests',
    redirectTo: undefined,
    address: '192.0.2.7',
    language: 'en',
  });
}

/** A tenant with one known address, and the same tenant through a handle that notes what each statement does to which table. */
async function watchedTenant(engine: (typeof ENGINES)[number]) {
  const house: House = await openHouse(engine);
  const merchant = await house.tenant();
  await customerWithInvoices(merchant, [1_000]);
  const seen: string[] = [];
  const note: KyselyPlugin = {
    transformQuery: ({ node }) => {
      const names = [...JSON.stringify(node).matchAll(/"table":\{[^}]*"identifier":\{[^}]*"name":"(\w+)"/g)];
      seen.push([node.kind, ...names.map(([, name]) => name)].join(' '));
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
  const { store } = house.app.ports;
  const kysely = store.kysely.withPlugin(note);
  const transaction: typeof store.transaction = (work) =>
    store.transaction((tx) => work(tx.withPlugin(note)));
  const operator = operatorScope({ ...house.app.ports, store: { ...store, kysely, transaction } });
  const watched = await openMerchant(operator, merchant.tenant);
  seen.splice(0);
  return { watched, seen };
}
