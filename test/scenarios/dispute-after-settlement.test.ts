import { expect, test } from 'vitest';
import { money } from '#src/kernel/money.ts';
import { nowMs } from '#src/kernel/time.ts';
import type { GatewayEvent } from '#src/payments/gateways/gateway.ts';
import { customerScope } from '#src/scope.ts';
import { findTenant, openMerchant } from '#src/tenants/tenants.ts';
import { aTrade, clientIdOf, type Trade } from '#test/support/commands.ts';
import { ENGINES } from '#test/support/house.ts';
import { ledgerSums } from '#test/support/money.ts';
import { readAfter, send, TYPED_IBAN } from '#test/support/pages.ts';
import { textOf, Visitor } from '#test/support/portal.ts';

const SLOW = { ...TYPED_IBAN, iban: 'DE89370400440532013000' };
const CASES = ENGINES.flatMap((engine) => [
  [engine, 'won', { cash: 10_000, disputed: 0 }] as const,
  [engine, 'lost', { cash: 0, disputed: 0, bad_debt: 10_000 }] as const,
]);

test.each(CASES)(
  'on %s a debit settles, the payer objects to it weeks later, and the dispute is %s: the invoice, the receipt, the merchant’s list and the books say so at each step',
  async (engine, outcome, books) => {
    const trade = await aTrade(engine);
    const { merchant, comes } = trade;
    const { words, json, refused } = merchant;
    const invoice = await json(
      'invoice issue acme --customer CUST-00001 --line Paper;1;100 --due 2026-12-01',
    );
    const page = `/invoices/${clientIdOf(invoice)}`;

    // Monday: the customer pays by a debit that takes days.
    const petra = await comes();
    const paid = await send(petra, `/pay?invoice=${clientIdOf(invoice)}`, '/pay', SLOW);
    expect(await readAfter(petra, paid)).toMatch(/on its way|checking with your bank/i);
    expect(await json('invoice show acme INV-0001')).toMatchObject({ status: 'pending', paid: false });

    // A week later it has arrived.
    await words('clock advance acme 7d');
    expect(await words('work --once')).toContain('settled 1');
    const receipt = `/payments/${clientIdOf(await json('payment show acme R-00001'))}`;
    expect(await reads(trade, receipt)).toContain('Thank you. Your payment arrived.');

    // Three weeks after that the bank takes it back; the gateway says so twice.
    await words('clock advance acme 21d');
    await hear(trade, 'open', 'evt_open');
    await hear(trade, 'open', 'evt_open');
    expect(await reads(trade, receipt)).toContain('This payment is disputed');
    const shown = await reads(trade, page);
    expect(shown).toContain('Disputed');
    expect(shown).toContain('is paid. Thank you.');
    expect(await json('dispute list acme')).toMatchObject([
      { payment: 'R-00001', amount: 100, status: 'open', reason: 'debit not authorised' },
    ]);
    expect(await sums(trade)).toMatchObject({ cash: 0, disputed: 10_000, receivable: 0 });
    await refused('payment refund acme R-00001', /R-00001/);
    expect(await json('db check')).toMatchObject({ ok: true });

    // Two months later it is decided, and old news comes after that.
    await words('clock advance acme 60d');
    await hear(trade, outcome, `evt_${outcome}`);
    await hear(trade, 'open', 'evt_late');
    expect(await json('dispute list acme')).toMatchObject([{ status: outcome }]);
    expect(await sums(trade)).toMatchObject({ ...books, receivable: 0, sales: -10_000 });
    expect(await reads(trade, receipt)).toContain(
      outcome === 'won' ? 'Thank you. Your payment arrived.' : 'This payment is disputed',
    );
    expect(await json('invoice show acme INV-0001')).toMatchObject({ paid: true, balance: 0 });
    expect(await json('db check')).toMatchObject({ ok: true });
  },
);

/** A webhook at the tenant's own address, as the gateway signs it: news travel in real time, whatever the tenant's clock says. */
async function hear({ open }: Trade, state: 'open' | 'won' | 'lost', id: string): Promise<void> {
  const operator = open.app.operator();
  const tenant = await findTenant(operator, 'acme');
  const [line] = open.gateway.book();
  const event: GatewayEvent = {
    id,
    about: 'dispute',
    gatewayPaymentId: `test_${line!.attemptId}`,
    gatewayDisputeId: 'dp_1',
    amount: money(10_000, 'EUR'),
    state,
    reason: 'debit not authorised',
  };
  const { headers, body } = open.gateway.webhook(tenant.id, event, nowMs(open.clock));
  const gateway = new Visitor(tenant.origin, open.portal.port);
  const answer = await gateway.postText('/webhooks/test', Buffer.from(body).toString(), headers);
  expect(answer.status).toBe(200);
}

/** What the customer reads there when they come that day. */
async function reads({ comes }: Trade, path: string): Promise<string> {
  return textOf((await (await comes()).get(path)).text);
}

async function sums({ open }: Trade) {
  const operator = open.app.operator();
  const merchant = await openMerchant(operator, await findTenant(operator, 'acme'));
  return ledgerSums(customerScope(merchant, 1));
}
