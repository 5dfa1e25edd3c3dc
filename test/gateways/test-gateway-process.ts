/*
 * The test gateway as a process of its own, over its own book:
 *
 *   node test/gateways/test-gateway-process.ts BOOK
 *
 * It tells its address to its parent, takes orders from it and says when they are in force, and ends with it.
 */
import { type Fault, testGateway } from '#src/adapters/test-gateway.ts';
import { serveTestGateway } from './test-gateway-server.ts';

export interface Orders {
  /** Goes on with this book. */
  readonly book?: string | undefined;
  /** What its clock says from now on (epoch ms); it stands still in between. */
  readonly now?: number | undefined;
  /** The fault of the next charge or refund. */
  readonly lose?: Fault | undefined;
}

if (process.send) {
  let orders: Orders = {};
  const over = (book: string) =>
    testGateway({
      book,
      now: () => orders.now ?? Date.now(),
      fault: () => {
        const { lose } = orders;
        orders = { ...orders, lose: undefined };
        return lose;
      },
    });
  let gateway = over(process.argv[2] ?? ':memory:');
  const { address } = await serveTestGateway(() => gateway);
  process.on('message', (more: Orders) => {
    orders = { ...orders, ...more };
    if (more.book !== undefined) {
      gateway.shut();
      gateway = over(more.book);
    }
    process.send?.('in force');
  });
  process.once('disconnect', () => process.exit());
  process.send(address.href);
}
