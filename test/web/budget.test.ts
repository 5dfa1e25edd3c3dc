import { describe, expect, onTestFinished, test } from 'vitest';
import { startPortal } from '#src/server/portal.ts';
import { customerWithInvoices, openHouse } from '#test/support/house.ts';
import { freePort, type OpenPortal, Visitor } from '#test/support/portal.ts';
import { statementsOf } from '#test/support/statements.ts';

/*
 * What a page may cost. The tenant's record and settings are remembered between requests and so are not counted.
 */

const FOREVER_MS = 3_600_000;
const LISTS = ['/invoices', '/invoices?status=open&sort=total', '/estimates', '/credit_notes', '/payments'];

describe('a page’s budget', () => {
  test.each(LISTS)('%s takes four statements at most', async (path) => {
    const { visitor, ran } = await aVisitor();
    expect((await visitor.get(path)).status).toBe(200);
    expect(await ran(path)).toSatisfy(atMost(4));
  });
});

/** Shows the statements where there are more. */
function atMost(most: number) {
  return (ran: readonly string[]): boolean => {
    if (ran.length > most) throw new Error(`${ran.length} statements:\n${ran.join('\n')}`);
    return true;
  };
}

async function aVisitor() {
  const port = await freePort();
  const house = await openHouse('sqlite', { baseUrl: `http://localhost:${port}` });
  const portal = await startPortal(house.app, { port, rememberMs: FOREVER_MS, withWork: false });
  onTestFinished(() => portal.close());
  const merchant = await house.tenant();
  const amounts = Array.from({ length: 30 }, (_, i) => 1_000 + i);
  const { scope } = await customerWithInvoices(merchant, amounts);
  const open: OpenPortal = { ...house, portal };
  const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
  const ran = (path: string) => statementsOf(house.app.ports.store.file!, () => visitor.get(path));
  return { visitor, ran };
}
