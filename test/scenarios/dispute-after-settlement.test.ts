import { describe, expect, test } from 'vitest';
import { money } from '#src/kernel/money.ts';
import { nowMs } from '#src/kernel/time.ts';
import type { GatewayEvent } from '#src/payments/gateways/gateway.ts';
import { ENGINES } from '#test/support/house.ts';
import { portalIn } from '#test/support/in-process.ts';
import { expectSoundBooks, ledgerSums } from '#test/support/money.ts';
import { aGuest, comesBack, type Guest, readAfter, send, TYPED_IBAN } from '#test/support/pages.ts';
import { textOf } from '#test/support/portal.ts';
import { workOnce } from '#src/work.ts';

const DAY_MS = 86_400_000;

describe.each(ENGINES)('on %s', (engine) => {
  test.each([
    ['won', { cash: 10_000, disputed: 0 }],
    ['lost', { cash: 0, disputed: 0, bad_debt: 10_000 }],
  ] as const)(
    'a debit settles, the payer objects to it weeks later, and the dispute is %s: the invoice, the receipt, the merchant’s list and the books say so at each step',
    async (outcome, books) => {
      const guest = await aGuest(engine, [10_000]);
      const { open, visitor, scope, invoices } = guest;
      const invoice = invoices[0]!;

      // Monday: the customer pays by a debit that takes days.
      const debit = { ...TYPED_IBAN, iban: 'DE89370400440532013000' };
      const paid = await send(visitor, `/pay?invoice=${invoice.clientId}`, '/pay', debit);
      expect(await readAfter(visitor, paid)).toMatch(/on its way|checking with your bank/i);

      // A week later it has arrived.
      open.clock.move(7 * DAY_MS);
      await workOnce(open.app);
      const payment = await scope.db.from('payments').selectAll().executeTakeFirstOrThrow();
      expect(await receipt(guest, payment.client_id)).toContain('Thank you. Your payment arrived.');

      // Three weeks after that the bank takes it back; the gateway says so twice.
      open.clock.move(21 * DAY_MS);
      await hear(guest, payment.gateway_payment_id!, 'open', 'evt_open');
      await hear(guest, payment.gateway_payment_id!, 'open', 'evt_open');
      expect(await receipt(guest, payment.client_id)).toContain('This payment is disputed');
      const page = await (await comesBack(guest)).get(`/invoices/${invoice.clientId}`);
      expect(textOf(page.text)).toContain('Disputed');
      expect(textOf(page.text)).toContain('is paid. Thank you.');
      const { stdout } = await portalIn(open)(['dispute', 'list', 'acme']);
      expect(stdout).toContain(payment.number);
      expect(await ledgerSums(scope)).toMatchObject({ cash: 0, disputed: 10_000, receivable: 0 });
      await expect(portalIn(open)(['payment', 'refund', 'acme', payment.number])).resolves.toMatchObject({
        code: 1,
      });

      // Two months later it is decided, and old news comes after that.
      open.clock.move(60 * DAY_MS);
      await hear(guest, payment.gateway_payment_id!, outcome, `evt_${outcome}`);
      await hear(guest, payment.gateway_payment_id!, 'open', 'evt_late');
      expect(await ledgerSums(scope)).toMatchObject({ ...books, receivable: 0, sales: -10_000 });
      expect(await receipt(guest, payment.client_id)).toContain(
        outcome === 'won' ? 'Thank you. Your payment arrived.' : 'This payment is disputed',
      );
      await expectSoundBooks(open);
    },
  );
});

/** A webhook at the tenant's own address, as the gateway signs it. */
async function hear(
  { open, merchant, visitor }: Guest,
  gatewayPaymentId: string,
  state: 'open' | 'won' | 'lost',
  id: string,
): Promise<void> {
  const event: GatewayEvent = {
    id,
    about: 'dispute',
    gatewayPaymentId,
    gatewayDisputeId: 'dp_1',
    amount: money(10_000, 'EUR'),
    state,
    reason: 'debit not authorised',
  };
  const { headers, body } = open.gateway.webhook(merchant.tenant.id, event, nowMs(open.clock));
  const answer = await visitor.postText('/webhooks/test', Buffer.from(body).toString(), headers);
  expect(answer.status).toBe(200);
}

async function receipt(guest: Guest, clientId: string): Promise<string> {
  return textOf((await (await comesBack(guest)).get(`/payments/${clientId}`)).text);
}
