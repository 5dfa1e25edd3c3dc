import { describe, expect, test } from 'vitest';
import { customerWithInvoices, ENGINES } from '#test/support/house.ts';
import { openPortal, Visitor } from '#test/support/portal.ts';

const KNOWN = 'petra@mueller.example';
const UNKNOWN = 'nobody@mueller.example';
const TIMES = 10;

describe.each(ENGINES)('on %s', (engine) => {
  test('whoever asks is answered alike, and what they asked is worked on by itself: five mails an hour leave', async () => {
    const open = await openPortal(engine, { withWork: true });
    const merchant = await open.tenant();
    await customerWithInvoices(merchant, [1_000]);
    const waiting = async (): Promise<number> => {
      const requests = merchant.db.from('signin_requests').select('id').where('state', '=', 'requested');
      return (await requests.execute()).length;
    };
    for (const email of [KNOWN, UNKNOWN]) {
      for (let i = 0; i < TIMES; i += 1) {
        const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
        expect((await visitor.post('/login', { email })).status).toBe(303);
        await expect.poll(waiting, { interval: 10 }).toBe(0);
      }
    }
    const letters = merchant.db.from('mailbox').select('recipient');
    await expect.poll(async () => (await letters.execute()).length).toBe(5);
  });
});
