import { describe, expect, it } from 'vitest';
import { receiptOfPayment, recentPayments } from '#src/payments/receipts/receipts.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { listMailbox } from '#src/outbox/mailbox.ts';
import type { CustomerScope, MerchantScope } from '#src/scope.ts';
import { startWork, workOnce } from '#src/work.ts';
import { customerWithInvoices, ENGINES, openHouse, cardSource } from '#test/support/house.ts';

async function payOne(merchant: MerchantScope): Promise<CustomerScope> {
  const { scope } = await customerWithInvoices(merchant, [1250]);
  const { nonce, invoices } = await preparePayment(scope, []);
  const seen = new Map(invoices.map(({ clientId, left }) => [clientId, left.minor]));
  await payInvoices(scope, { nonce, seen, with: cardSource(), receiptEmail: 'petra@mueller.example' });
  return scope;
}

describe.each(ENGINES)('background work on %s', (engine) => {
  it('sends what waits of every tenant, once', async () => {
    const house = await openHouse(engine);
    const merchants = [await house.tenant('acme'), await house.tenant('globex')];
    for (const merchant of merchants) await payOne(merchant);
    expect(await workOnce(house.app)).toMatchObject({ sent: 2, settled: 0 });
    expect(await workOnce(house.app)).toMatchObject({ sent: 0, settled: 0 });
    for (const merchant of merchants) {
      const [mail, ...more] = await listMailbox(merchant);
      expect(mail).toMatchObject({
        to: 'petra@mueller.example',
        subject: expect.stringContaining('Receipt'),
      });
      expect(more).toEqual([]);
    }
  });

  it('settles a payment whose answer was lost, and mails its receipt in the same round', async () => {
    let lose = true;
    const house = await openHouse(engine, { fault: () => (lose ? 'lose_answer' : undefined) });
    const merchant = await house.tenant();
    const scope = await payOne(merchant);
    lose = false;
    expect(await recentPayments(scope, 5)).toEqual([]);
    house.clock.move(61_000);
    expect(await workOnce(house.app)).toMatchObject({ sent: 1, settled: 1 });
    const [payment] = await recentPayments(scope, 5);
    expect(await receiptOfPayment(scope, payment?.id ?? 0)).toMatchObject({ amount: { minor: 1250 } });
  });
});

describe('the loop', () => {
  it('does at once what it is told of, and ends when it is told to', async () => {
    const house = await openHouse();
    const merchant = await house.tenant();
    const work = startWork(house.app, { everyMs: 3_600_000 });
    await payOne(merchant);
    await expect
      .poll(async () => {
        work.kick();
        return listMailbox(merchant);
      })
      .toHaveLength(1);
    await work.stop();
    await payOne(merchant);
    work.kick();
    expect(await listMailbox(merchant)).toHaveLength(1);
  });
});
