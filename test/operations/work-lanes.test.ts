import { describe, expect, onTestFinished, test } from 'vitest';
import type { App } from '#src/app.ts';
import { listFailed } from '#src/jobs/dead-letters.ts';
import type { MailTransport } from '#src/outbox/mail.ts';
import { queueMail } from '#src/outbox/outbox.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import type { MerchantScope } from '#src/scope.ts';
import { retryJob, startWork, type Work, workOnce } from '#src/work.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';

const DAY_MS = 86_400_000;
const TAKEN = { state: 'taken', providerId: 'taken by the test' } as const;

describe.each(ENGINES)('work in the background on %s', (engine) => {
  test('a mail server that never answers keeps nobody’s payment waiting', async () => {
    const lose = { now: false };
    const house = await openHouse(engine, { fault: () => (lose.now ? 'lose_answer' : undefined) });
    const merchant = await house.tenant();
    const mail = hanging();
    await pay(merchant);
    working(withMail(house.app, mail.send));
    await mail.asked;
    lose.now = true;
    const unanswered = await pay(merchant);
    lose.now = false;
    house.clock.move(61_000);
    await expect.poll(() => stateOf(merchant, unanswered)).toBe('succeeded');
    mail.letGo();
  });

  test('mails that together take longer than a lease leave once each, whoever else is at work', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const sent: string[] = [];
    const app = withMail(house.app, async ({ messageId }) => {
      sent.push(messageId);
      house.clock.move(10_000);
      if (sent.length === 8) await workOnce(app);
      return TAKEN;
    });
    for (let n = 0; n < 12; n++) await pay(merchant);
    await workOnce(app);
    expect(sent).toHaveLength(12);
    expect(new Set(sent).size).toBe(12);
  });

  test('a mail of which nobody knows whether it arrived is not sent again, until the operator asks for it', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const sent: string[] = [];
    const answer = { lost: true };
    const app = withMail(house.app, async ({ messageId }) => {
      sent.push(messageId);
      if (answer.lost) throw new Error('the connection was cut before the answer');
      return TAKEN;
    });
    await pay(merchant);
    for (let rounds = 0; rounds < 5; rounds++) {
      await workOnce(app);
      house.clock.move(DAY_MS);
    }
    expect(sent).toHaveLength(1);
    const [dead, ...others] = await listFailed(merchant);
    expect(others).toEqual([]);
    expect(dead).toMatchObject({
      name: 'mail',
      state: 'given up',
      about: 'receipt to petra@mueller.example',
    });
    expect(dead!.error).toContain('the connection was cut before the answer');
    expect(dead!.error).toContain('It is not sent again by itself');
    answer.lost = false;
    await retryJob(app, merchant, dead!);
    expect(await workOnce(app)).toMatchObject({ sent: 1 });
    expect(new Set(sent).size).toBe(1);
    expect(await listFailed(merchant)).toEqual([]);
    await expect(retryJob(app, merchant, dead!)).rejects.toMatchObject({ code: 'unknown_job' });
  });

  test('a mail that its sender still brings through after its lease ran out was sent, and is no dead letter', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    let sent = 0;
    const app = withMail(house.app, async () => {
      sent += 1;
      // The process stood still for so long that others took it for dead.
      house.clock.move(10 * 60_000);
      await workOnce(app);
      expect(await listFailed(merchant)).toMatchObject([{ state: 'given up' }]);
      return TAKEN;
    });
    await pay(merchant);
    await workOnce(app);
    expect(await listFailed(merchant)).toEqual([]);
    expect(await merchant.db.from('outbox').select('state').execute()).toEqual([{ state: 'sent' }]);
    expect(sent).toBe(1);
  });

  test('a tenant with very many mails does not stand before another’s first', async () => {
    const house = await openHouse(engine);
    const [much, little] = [await house.tenant('acme'), await house.tenant('globex')];
    const sent: number[] = [];
    let before = Infinity;
    const app = withMail(house.app, async ({ tenantId }) => {
      if (sent.push(tenantId) !== 40) return TAKEN;
      await pay(little);
      before = sent.length;
      return TAKEN;
    });
    const { scope, paymentId } = await payAndTell(much);
    for (let n = 0; n < 400; n++)
      await queueMail(scope, {
        topic: 'receipt',
        recipient: 'petra@mueller.example',
        payload: { paymentId },
      });
    working(app);
    await expect.poll(() => sent.includes(little.tenant.id)).toBe(true);
    // What was fetched or under way before may go first; a fraction of what waits.
    expect(sent.indexOf(little.tenant.id)).toBeLessThan(before + 25);
  });

  test('when it stops, what is under way ends, and nothing new begins', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    for (let n = 0; n < 8; n++) await pay(merchant);
    const mail = hanging();
    const work = working(withMail(house.app, mail.send));
    await mail.asked;
    const stopped = work.stop();
    mail.letGo();
    await stopped;
    const states = await merchant.db.from('outbox').select('state').execute();
    const sent = states.filter(({ state }) => state === 'sent').length;
    expect(sent).toBe(mail.sent());
    expect(states.filter(({ state }) => state === 'waiting')).toHaveLength(8 - sent);
    expect(sent).toBeLessThan(8);
  });

  test('what still runs long after it was stopped is cut off, and whoever comes next knows of it', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    await pay(merchant);
    const asked = Promise.withResolvers<void>();
    const app = withMail(house.app, (_mail, signal) => {
      asked.resolve();
      return new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    });
    const work = working(app);
    await asked.promise;
    await work.stop();
    expect(await listFailed(merchant)).toMatchObject([{ name: 'mail', state: 'given up' }]);
  });
});

/** A transport that does not answer before it is let go, and takes everything then. */
function hanging() {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let sent = 0;
  onTestFinished(() => gate.resolve());
  const send: MailTransport['send'] = async () => {
    asked.resolve();
    await gate.promise;
    sent += 1;
    return TAKEN;
  };
  return { send, asked: asked.promise, letGo: gate.resolve, sent: () => sent };
}

/** The loop of a process, which ends with the test at the latest. */
function working(app: App): Work {
  const work = startWork(app, { everyMs: 20, graceMs: 200 });
  onTestFinished(() => work.stop());
  return work;
}

function withMail(app: App, send: MailTransport['send']): App {
  return { ...app, ports: { ...app.ports, mail: { name: 'mail of the test', send } } };
}

async function pay(merchant: MerchantScope): Promise<string> {
  return (await payAndTell(merchant)).nonce;
}

async function payAndTell(merchant: MerchantScope) {
  const { scope } = await customerWithInvoices(merchant, [1250]);
  const { nonce, invoices } = await preparePayment(scope, []);
  const seen = new Map(invoices.map(({ clientId, left }) => [clientId, left.minor]));
  await payInvoices(scope, { nonce, seen, with: cardSource(), receiptEmail: 'petra@mueller.example' });
  const payment = await scope.db.from('payments').select('id').orderBy('id', 'desc').executeTakeFirst();
  return { nonce, scope, paymentId: payment?.id ?? 0 };
}

async function stateOf(merchant: MerchantScope, nonce: string): Promise<string> {
  const row = await merchant.db
    .from('payment_attempts')
    .select('state')
    .where('nonce', '=', nonce)
    .executeTakeFirstOrThrow();
  return row.state;
}
