import { describe, expect, test } from 'vitest';
import { customerWithInvoices, ENGINES } from '#test/support/house.ts';
import { openPortal, Visitor } from '#test/support/portal.ts';

const KNOWN = 'petra@mueller.example';
const UNKNOWN = 'nobody@mueller.example';
const TIMES = 10;

describe.each(ENGINES)('on %s', (engine) => {
  test('the answer has left before anybody looks up whose the address is, though the mail leaves soon', async () => {
    const open = await openPortal(engine, { withWork: true });
    const merchant = await open.tenant();
    await customerWithInvoices(merchant, [1_000]);
    const waiting = async (): Promise<number> => {
      const requests = merchant.db.from('signin_requests').select('id').where('state', '=', 'requested');
      return (await requests.execute()).length;
    };
    for (const email of [KNOWN, UNKNOWN]) {
      let untouched = 0;
      for (let i = 0; i < TIMES; i += 1) {
        const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
        expect((await visitor.post('/login', { email })).status).toBe(303);
        untouched += await waiting();
        await expect.poll(waiting, { timeout: 5_000, interval: 10 }).toBe(0);
      }
      // The work's own tick may come between by chance.
      expect(untouched, email).toBeGreaterThanOrEqual(TIMES - 3);
    }
    const letters = merchant.db.from('mailbox').select('recipient');
    await expect.poll(async () => (await letters.execute()).length).toBe(5);
  });
});
