import type { KyselyPlugin } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type App, createApp } from '#src/app.ts';
import { operatorScope } from '#src/scope.ts';
import { startPortal } from '#src/server/portal.ts';
import { customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { Visitor } from '#test/support/portal.ts';

/*
 * The mail of a known address is looked up, worded and sent away from the thread that answers requests: whatever that thread does, and so how
 * long anybody waits for it, is the same for an address that nobody has.
 */
describe.each(ENGINES)('on %s', (engine) => {
  test('the thread that answers does the same for known and unknown addresses, until the mail has left', async () => {
    const house = await openHouse(engine, { baseUrl: 'http://localhost:4321' });
    const merchant = await house.tenant();
    await customerWithInvoices(merchant, [1_000]);
    const { app, seen } = await watched(await createApp(house.config));
    const portal = await startPortal(app, { port: 0 });
    onTestFinished(() => portal.close());
    const kept = async (): Promise<number> =>
      (await merchant.db.from('mailbox').select('id').execute()).length;
    const waiting = async (): Promise<number> => {
      const requests = merchant.db.from('signin_requests').select('id').where('state', '=', 'requested');
      return (await requests.execute()).length;
    };
    const ask = async (email: string, mails: number): Promise<string[]> => {
      seen.splice(0);
      const visitor = new Visitor(merchant.tenant.origin, portal.port);
      expect((await visitor.post('/login', { email })).status).toBe(303);
      await expect.poll(waiting, { timeout: 30_000 }).toBe(0);
      await expect.poll(kept, { timeout: 30_000 }).toBe(mails);
      return seen.splice(0).filter((statement) => !/tenants|settings/.test(statement));
    };
    await ask('petra@mueller.example', 1);
    const known = await ask('petra@mueller.example', 2);
    expect(await ask('nobody@mueller.example', 2)).toEqual(known);
    expect(known.join()).toContain('signin_requests');
    expect(known.join()).not.toMatch(/customers|contacts|outbox|email_links|mailbox/);
  });
});

/** The same app, noting what each statement of this thread does to which table. */
async function watched(app: App): Promise<{ app: App; seen: string[] }> {
  onTestFinished(() => app.close());
  const seen: string[] = [];
  const note: KyselyPlugin = {
    transformQuery: ({ node }) => {
      const names = [...JSON.stringify(node).matchAll(/"table":\{[^}]*"identifier":\{[^}]*"name":"(\w+)"/g)];
      seen.push([node.kind, ...names.map(([, name]) => name)].join(' '));
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
  const { store } = app.ports;
  const transaction: typeof store.transaction = (work) =>
    store.transaction((tx) => work(tx.withPlugin(note)));
  const ports = { ...app.ports, store: { ...store, kysely: store.kysely.withPlugin(note), transaction } };
  return { app: { ...app, ports, operator: (actor) => operatorScope(ports, actor) }, seen };
}
