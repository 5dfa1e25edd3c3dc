/*
 * `portal serve` for the drill: the product as it is, with ports that can be made to fail. The parent says over the process's own channel what
 * time it is, where the gateway listens, and at which passage of which place the process is to die.
 */
import { smtpTransport } from '#src/adapters/smtp.ts';
import { createApp, type Overrides } from '#src/app.ts';
import { readConfig } from '#src/config.ts';
import { Refusal } from '#src/kernel/errors.ts';
import { systemTokens } from '#src/kernel/ids.ts';
import { money } from '#src/kernel/money.ts';
import type { Gateway } from '#src/payments/gateways/gateway.ts';
import { refundPayment } from '#src/payments/returning/refunds.ts';
import { startPortal } from '#src/server/portal.ts';
import { findTenant, openMerchant } from '#src/tenants/tenants.ts';
import { farGateway } from './far-gateway.ts';
import type { RefundWish, RefundWord } from './clerk.ts';
import type { Message, Orders, Place } from './orders.ts';

const orders: Orders = JSON.parse(process.env['DRILL_ORDERS'] ?? '{}');
process.on('message', ({ refund: wish, ...change }: Message) => {
  Object.assign(orders, change);
  if (wish) void giveBack(wish);
});
process.once('disconnect', () => process.exit());

const config = readConfig();
const bank = farGateway(() => orders.bank);
const overrides: Overrides = {
  clock: {
    now: () => {
      pass('clock');
      return Temporal.Now.instant().add({ milliseconds: orders.offset });
    },
  },
  tokens: {
    bytes: (count) => {
      pass('token');
      return systemTokens.bytes(count);
    },
  },
  gateways: { test: { ...bank, charge, refund } },
  ...(orders.insistent && config.mail.smtpUrl
    ? { mail: { ...smtpTransport(config.mail.smtpUrl), idempotent: true } }
    : {}),
};
const app = await createApp(config, overrides);
const portal = await startPortal(app, { port: orders.port });
process.once('SIGTERM', () => void portal.close().then(() => app.close().then(() => process.exit())));
process.send?.('serving');

/** Dies here, at once and without a word, when it is told to. */
function pass(place: Place): void {
  if (orders.die?.at !== place || --orders.die.passages > 0) return;
  process.kill(process.pid, 'SIGKILL');
}

async function charge(request: Parameters<Gateway['charge']>[0]): ReturnType<Gateway['charge']> {
  pass('before the charge');
  const reply = await (orders.unsafe ? stubborn(request) : bank.charge(request));
  pass('after the charge');
  return reply;
}

async function refund(request: Parameters<Gateway['refund']>[0]): ReturnType<Gateway['refund']> {
  pass('before the charge');
  const reply = await bank.refund(request);
  pass('after the charge');
  return reply;
}

/** What `portal payments refund` does, in a process that can be killed. */
async function giveBack({ nonce, receipt, minor }: RefundWish): Promise<void> {
  const word = (state: string): RefundWord => ({ refunded: nonce, state });
  try {
    const operator = app.operator('clerk');
    const merchant = await openMerchant(operator, await findTenant(operator, 'acme'));
    const { id, currency } = await merchant.db
      .from('payments')
      .select(['id', 'currency'])
      .where('client_id', '=', receipt)
      .executeTakeFirstOrThrow();
    const order = { nonce, paymentId: id, amount: money(minor, currency) };
    process.send?.(word((await refundPayment(merchant, order)).state));
  } catch (error) {
    // Whoever asked asks again, unless the portal refused.
    if (error instanceof Refusal) process.send?.(word(error.code));
  }
}

/** The mistake of the control: whoever is not answered asks again, under a key of its own. */
async function stubborn(request: Parameters<Gateway['charge']>[0]): ReturnType<Gateway['charge']> {
  for (let again = 0; again < 5; again++) {
    const attemptId = again === 0 ? request.attemptId : `${request.attemptId}~${again}`;
    const reply = await bank.charge({ ...request, attemptId }).catch(() => undefined);
    if (reply) return reply;
  }
  return bank.charge(request);
}
