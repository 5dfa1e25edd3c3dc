import { expect, onTestFinished, test } from 'vitest';
import { money } from '#src/kernel/money.ts';
import { Refusal } from '#src/kernel/errors.ts';
import type {
  ChargeRequest,
  Gateway,
  GatewayAccount,
  GatewayReply,
  RefundRequest,
  SavedInstrument,
  Source,
} from '#src/payments/gateways/gateway.ts';
import { cardSource } from '#test/support/house.ts';
import type { Bench, Does, Tidings } from './bench.ts';

const WEEK = 7 * 86_400_000;
const HOUR = 3_600_000;
const NOON = Date.parse('2026-11-23T12:00:00Z');
/** What a caller is thrown when a connection breaks. */
const LOST = /connection|fetch failed/;

/** The promises of src/payments/gateways/gateway.ts, for every gateway that takes money. */
export function keepsThePromises(open: () => Promise<Bench>): void {
  const onBench = async (): Promise<Bench> => {
    const bench = await open();
    onTestFinished(() => bench.shut());
    return bench;
  };
  neverMadeUp(onBench);
  charges(onBench);
  challenges(onBench);
  closing(onBench);
  debits(onBench);
  instruments(onBench);
  refunds(onBench);
  webhooks(onBench);
}

/** The same for a gateway that takes no money at all: what holds for every gateway, and that it takes nothing. */
export function takesNothing(gateway: Gateway): void {
  const account = { tenantId: 1 };
  neverMadeUp(() => Promise.resolve({ gateway, account, now: () => NOON, card: () => cardSource() }));

  test('it offers nothing, and declines whatever is charged or saved all the same', async () => {
    expect(gateway.kinds).toEqual([]);
    const sources = [
      cardSource(),
      savedSource({ kind: 'bank_account', gatewayId: 'pm_1', state: 'usable', last4: '3000', label: 'Bank' }),
    ];
    for (const source of sources)
      for (const offSession of [false, true]) {
        const request = { ...orderOf(account, 'a1', source), save: true, offSession };
        expect(await gateway.charge(request)).toMatchObject({ state: 'declined', code: 'canceled' });
        expect(await gateway.answerChallenge(account, 'a1', true)).toMatchObject({ state: 'declined' });
        expect(await gateway.lookup(account, 'a1')).toBeUndefined();
        const setup = setupOf({ account }, 's1', source);
        expect(await gateway.setup(setup)).toMatchObject({ state: 'declined', code: 'canceled' });
        expect(await gateway.lookupSetup(setup)).toBeUndefined();
      }
  });
}

/** As much of a bench as it takes to see that a gateway makes nothing up. */
type Bare = Pick<Bench, 'gateway' | 'account' | 'now' | 'card'>;

function neverMadeUp(open: () => Promise<Bare>): void {
  test('what a gateway never heard of is looked up as nothing', async () => {
    const { gateway, account } = await open();
    expect(await gateway.lookup(account, 'never')).toBeUndefined();
  });

  test('an attempt that is closed before its charge arrives can never be charged', async () => {
    const { gateway, account, card } = await open();
    const closed = { state: 'declined', code: 'canceled' };
    for (let times = 0; times < 2; times++) expect(await gateway.close(account, 'a1')).toMatchObject(closed);
    for (let times = 0; times < 2; times++)
      expect(await gateway.charge(orderOf(account, 'a1', card('works')))).toMatchObject(closed);
  });

  test('of a setup that never arrived nothing is known, and it is not made up', async () => {
    const { gateway, account, card } = await open();
    const request = setupOf({ account }, 's1', card('works'));
    expect(await gateway.lookupSetup(request)).toBeUndefined();
    expect(await gateway.answerSetup(request, true)).toBeUndefined();
  });

  test('the deposits of an account that was never there confirm nothing, and what was never kept is forgotten', async () => {
    const { gateway, account } = await open();
    const gone = { state: 'declined', code: 'method_gone' };
    expect(await gateway.verify(account, 'pm_never', [1, 2])).toMatchObject(gone);
    await gateway.forget(account, 'pm_never');
    await gateway.forget(account, 'pm_never');
  });

  test('of a payment that never was nothing is given back', async () => {
    const { gateway, account } = await open();
    const request = refundOf({ account }, 'r1', 'pi_never', 100);
    expect(await gateway.lookupRefund(request)).toBeUndefined();
    expect(await gateway.refund(request)).toMatchObject({ state: 'failed' });
  });

  test('a webhook that is not signed is refused', async () => {
    const { gateway, account, now } = await open();
    const unsigned = gateway.readWebhook({
      account,
      headers: {},
      body: Buffer.from('{"id":"evt_1"}'),
      now: now(),
    });
    await expect(unsigned).rejects.toMatchObject({ code: 'bad_webhook' });
  });
}

type Open = () => Promise<Bench>;

function charges(open: Open): void {
  test('a charge takes the amount once, and a lookup tells the same', async () => {
    const bench = await open();
    const reply = await bench.gateway.charge(order(bench, 'a1'));
    expect(reply).toMatchObject({ state: 'succeeded', methodLabel: 'Visa ending 4242' });
    expect(await bench.gateway.lookup(bench.account, 'a1')).toEqual(reply);
    expect(await bench.taken('a1')).toEqual([1250]);
  });

  test('the same attempt id never charges twice, one after the other or all at once', async () => {
    const bench = await open();
    const request = order(bench, 'a1');
    const first = await bench.gateway.charge(request);
    expect(await bench.gateway.charge(request)).toEqual(first);
    const another = order(bench, 'a2');
    const replies = await Promise.all(Array.from({ length: 10 }, () => bench.gateway.charge(another)));
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
    expect(await bench.taken('a1')).toEqual([1250]);
    expect(await bench.taken('a2')).toEqual([1250]);
  });

  test('the same attempt id never charges twice, even a year later and with another card', async () => {
    const bench = await open();
    const first = await bench.gateway.charge(order(bench, 'a1'));
    await bench.pass(52 * WEEK);
    expect(await bench.gateway.charge(order(bench, 'a1'))).toEqual(first);
    expect(await bench.taken('a1')).toEqual([1250]);
  });

  test('after a lost answer the lookup tells of the charge, and charging again takes nothing', async () => {
    const bench = await open();
    const request = order(bench, 'a1');
    await bench.lose('answer');
    await expect(bench.gateway.charge(request)).rejects.toThrow(LOST);
    const found = await bench.gateway.lookup(bench.account, 'a1');
    expect(found).toMatchObject({ state: 'succeeded' });
    expect(await bench.gateway.charge(request)).toEqual(found);
    expect(await bench.taken('a1')).toEqual([1250]);
  });

  test('after a lost request nothing was taken, and charging again takes it once', async () => {
    const bench = await open();
    const request = order(bench, 'a1');
    await bench.lose('request');
    await expect(bench.gateway.charge(request)).rejects.toThrow(LOST);
    expect(await bench.gateway.lookup(bench.account, 'a1')).toBeUndefined();
    expect(await bench.taken('a1')).toEqual([]);
    expect(await bench.gateway.charge(request)).toMatchObject({ state: 'succeeded' });
    expect(await bench.taken('a1')).toEqual([1250]);
  });

  test.each([
    ['is declined', 'card_declined'],
    ['has no money', 'insufficient_funds'],
    ['has expired', 'card_expired'],
    ['has a wrong code', 'card_cvc_wrong'],
  ] as const)('a card that %s is declined as %s, for ever', async (does, code) => {
    const bench = await open();
    const reply = await bench.gateway.charge(order(bench, 'a1', does));
    expect(reply).toMatchObject({ state: 'declined', code });
    expect(await bench.gateway.lookup(bench.account, 'a1')).toMatchObject({ state: 'declined', code });
    expect(await bench.gateway.charge(order(bench, 'a1'))).toMatchObject({ state: 'declined', code });
    await bench.pass(WEEK);
    expect(await bench.gateway.charge(order(bench, 'a1'))).toMatchObject({ state: 'declined', code });
    expect(await bench.taken('a1')).toEqual([]);
  });
}

function challenges(open: Open): void {
  test('a card that asks takes nothing until the payer has answered', async () => {
    const bench = await open();
    const reply = await bench.gateway.charge(order(bench, 'a1', 'asks'));
    expect(reply).toMatchObject({ state: 'action_required' });
    expect(stateOf(reply) === 'action_required' && 'challenge' in reply && reply.challenge).not.toBe('');
    expect(await bench.gateway.lookup(bench.account, 'a1')).toMatchObject({ state: 'action_required' });
    expect(await bench.taken('a1')).toEqual([]);
  });

  test('a challenge that was passed takes the money once, however often it is answered', async () => {
    const bench = await open();
    await bench.gateway.charge(order(bench, 'a1', 'asks'));
    await bench.bankAnswers('a1', true);
    const reply = await bench.gateway.answerChallenge(bench.account, 'a1', true);
    expect(reply).toMatchObject({ state: 'succeeded' });
    expect(await bench.gateway.answerChallenge(bench.account, 'a1', true)).toEqual(reply);
    expect(await bench.gateway.answerChallenge(bench.account, 'a1', false)).toEqual(reply);
    expect(await bench.taken('a1')).toEqual([1250]);
  });

  test('a challenge that was failed takes nothing, ever', async () => {
    const bench = await open();
    await bench.gateway.charge(order(bench, 'a1', 'asks'));
    await bench.bankAnswers('a1', false);
    const failed = { state: 'declined', code: 'authentication_failed' };
    expect(await bench.gateway.answerChallenge(bench.account, 'a1', false)).toMatchObject(failed);
    expect(await bench.gateway.answerChallenge(bench.account, 'a1', true)).toMatchObject(failed);
    expect(await bench.gateway.lookup(bench.account, 'a1')).toMatchObject(failed);
    expect(await bench.taken('a1')).toEqual([]);
  });

  test('a challenge that nobody answers is closed, and an answer after that comes too late', async () => {
    const bench = await open();
    await bench.gateway.charge(order(bench, 'a1', 'asks'));
    const closed = { state: 'declined', code: 'canceled' };
    expect(await bench.gateway.close(bench.account, 'a1')).toMatchObject(closed);
    await bench.bankAnswers('a1', true);
    expect(await bench.gateway.answerChallenge(bench.account, 'a1', true)).toMatchObject(closed);
    expect(await bench.taken('a1')).toEqual([]);
  });

  test('with nobody there, a card that asks is declined instead', async () => {
    const bench = await open();
    const request = { ...order(bench, 'a1', 'asks'), offSession: true };
    const failed = { state: 'declined', code: 'authentication_failed' };
    expect(await bench.gateway.charge(request)).toMatchObject(failed);
    expect(await bench.taken('a1')).toEqual([]);
  });
}

function closing(open: Open): void {
  test('an attempt that was closed is looked up as closed, and stays so', async () => {
    const bench = await open();
    const closed = { state: 'declined', code: 'canceled' };
    await bench.gateway.close(bench.account, 'a1');
    expect(await bench.gateway.charge(order(bench, 'a1'))).toMatchObject(closed);
    await bench.pass(WEEK);
    expect(await bench.gateway.charge(order(bench, 'a1'))).toMatchObject(closed);
    expect(await bench.gateway.lookup(bench.account, 'a1')).toMatchObject(closed);
    expect(await bench.taken('a1')).toEqual([]);
  });

  test('closing what was charged already changes nothing', async () => {
    const bench = await open();
    const reply = await bench.gateway.charge(order(bench, 'a1'));
    expect(await bench.gateway.close(bench.account, 'a1')).toEqual(reply);
    expect(await bench.taken('a1')).toEqual([1250]);
  });

  test('whichever of a charge and a close wins, both tell the same in the end', async () => {
    const bench = await open();
    const answers = await Promise.all([
      bench.gateway.charge(order(bench, 'a1')),
      bench.gateway.close(bench.account, 'a1'),
    ]);
    const last = await bench.gateway.lookup(bench.account, 'a1');
    expect(answers).toEqual([last, last]);
    expect(await bench.taken('a1')).toEqual(last?.state === 'succeeded' ? [1250] : []);
  });
}

function debits(open: Open): void {
  test('a debit is on its way for days, and then succeeds', async () => {
    const bench = await open();
    const reply = await bench.gateway.charge(order(bench, 'a1', bench.bank('clears')));
    expect(reply).toMatchObject({ state: 'processing', methodLabel: 'Bank account ending 3000' });
    expect(await bench.gateway.close(bench.account, 'a1')).toMatchObject({ state: 'processing' });
    expect(await bench.taken('a1')).toEqual([]);
    await bench.pass(WEEK);
    expect(await bench.gateway.lookup(bench.account, 'a1')).toEqual({ ...reply, state: 'succeeded' });
    expect(await bench.taken('a1')).toEqual([1250]);
  });

  test('a debit that comes back was never taken', async () => {
    const bench = await open();
    const reply = await bench.gateway.charge(order(bench, 'a1', bench.bank('bounces')));
    expect(reply).toMatchObject({ state: 'processing' });
    await bench.pass(WEEK);
    const failed = { state: 'declined', code: 'bank_debit_failed' };
    expect(await bench.gateway.lookup(bench.account, 'a1')).toMatchObject(failed);
    expect(await bench.gateway.lookup(bench.account, 'a1')).toMatchObject(failed);
    expect(await bench.taken('a1')).toEqual([]);
  });
}

function instruments(open: Open): void {
  test('a card that was saved is charged later with nobody there', async () => {
    const bench = await open();
    const saved = await saveCard(bench, 's1');
    expect(saved).toMatchObject({ kind: 'card', state: 'usable', brand: 'Visa', last4: '4242' });
    expect(saved).toMatchObject({ expMonth: 12, expYear: 2030, label: 'Visa ending 4242' });
    for (const attemptId of ['a1', 'a2']) {
      const request = { ...order(bench, attemptId, savedSource(saved)), offSession: true };
      expect(await bench.gateway.charge(request)).toMatchObject({ state: 'succeeded' });
      await bench.pass(WEEK);
    }
    expect(await bench.taken('a2')).toEqual([1250]);
  });

  test('the same setup saves the same instrument once', async () => {
    const bench = await open();
    const request = setupOf(bench, 's1', bench.card('works'));
    const first = await bench.gateway.setup(request);
    expect(await bench.gateway.setup(request)).toEqual(first);
  });

  test('a card whose bank asks first is saved once the payer said yes there, and is charged with nobody there', async () => {
    const bench = await open();
    const request = setupOf(bench, 's1', bench.card('asks'));
    const asks = await bench.gateway.setup(request);
    expect(asks.state).toBe('action_required');
    expect(await bench.gateway.lookupSetup(request)).toEqual(asks);
    expect(await bench.gateway.setup(request)).toEqual(asks);
    await bench.bankAnswersSetup('s1', true);
    const reply = (await bench.gateway.answerSetup(request, true))!;
    const saved = savedBy(reply);
    expect(saved).toMatchObject({ kind: 'card', state: 'usable' });
    for (const passed of [true, false])
      expect(await bench.gateway.answerSetup(request, passed)).toEqual(reply);
    expect(await bench.gateway.lookupSetup(request)).toEqual(reply);
    expect(await bench.gateway.setup(request)).toEqual(reply);
    const charge = { ...order(bench, 'a1', savedSource(saved)), offSession: true };
    expect(await bench.gateway.charge(charge)).toMatchObject({ state: 'succeeded' });
  });

  test('a payer who says no to their bank, or leaves its question, keeps nothing', async () => {
    const bench = await open();
    const failed = { state: 'declined', code: 'authentication_failed' };
    for (const [setupId, answers] of [
      ['s1', true],
      ['s2', false],
    ] as const) {
      const request = setupOf(bench, setupId, bench.card('asks'));
      await bench.gateway.setup(request);
      if (answers) await bench.bankAnswersSetup(setupId, false);
      expect(await bench.gateway.answerSetup(request, false)).toMatchObject(failed);
      await bench.bankAnswersSetup(setupId, true);
      expect(await bench.gateway.answerSetup(request, true)).toMatchObject(failed);
      expect(await bench.gateway.lookupSetup(request)).toMatchObject(failed);
    }
  });

  test('the same setup from another place is still the same', async () => {
    const bench = await open();
    const { source, currency } = bench.slowBank();
    expect(currency).toBe('USD');
    const request = (ip: string) => ({
      ...setupOf(bench, 's1', source),
      acceptance: { ip, userAgent: `browser at ${ip}` },
    });
    const first = await bench.gateway.setup(request('192.0.2.1'));
    expect(await bench.gateway.setup(request('192.0.2.2'))).toEqual(first);
    await bench.pass(WEEK);
    expect(await bench.gateway.setup(request('192.0.2.3'))).toEqual(first);
  });

  test('whose account it is does not depend on which of its keys are used', async () => {
    const { gateway, account } = await open();
    expect(await gateway.identify(account)).toBe(await gateway.identify(account));
  });

  test('a charge that is asked to save tells the instrument, also when it is looked up', async () => {
    const bench = await open();
    const reply = await bench.gateway.charge({ ...order(bench, 'a1'), save: true });
    const saved = stateOf(reply) === 'succeeded' && 'saved' in reply ? reply.saved! : undefined;
    expect(saved).toMatchObject({ kind: 'card', state: 'usable', last4: '4242' });
    expect(await bench.gateway.lookup(bench.account, 'a1')).toEqual(reply);
    const again = { ...order(bench, 'a2', savedSource(saved!)), offSession: true };
    expect(await bench.gateway.charge(again)).toMatchObject({ state: 'succeeded' });
  });

  test('a card that cannot even be saved is declined with its reason', async () => {
    const bench = await open();
    const reply = await bench.gateway.setup(setupOf(bench, 's1', bench.card('has expired')));
    expect(reply).toMatchObject({ state: 'declined', code: 'card_expired' });
  });

  test('a bank account that is known at once is saved and debited', async () => {
    const bench = await open();
    const reply = await bench.gateway.setup(setupOf(bench, 's1', bench.bank('clears')));
    const saved = savedBy(reply);
    expect(saved).toMatchObject({ kind: 'bank_account', state: 'usable', last4: '3000' });
    const request = { ...order(bench, 'a1', savedSource(saved)), offSession: true };
    expect(await bench.gateway.charge(request)).toMatchObject({ state: 'processing' });
    await bench.pass(WEEK);
    expect(await bench.taken('a1')).toEqual([1250]);
  });

  test('two small deposits confirm a bank account: wrong amounts do not, right ones do, and once is enough', async () => {
    const bench = await open();
    const { source, currency, deposits } = bench.slowBank();
    const request = { ...setupOf(bench, 's1', source), microDeposits: true };
    const waiting = savedBy(await bench.gateway.setup(request));
    expect(waiting).toMatchObject({ state: 'verifying', last4: '6789' });
    const { gateway, account } = bench;
    const wrong = await gateway.verify(account, waiting.gatewayId, [1, 2]);
    expect(wrong).toMatchObject({ state: 'declined', code: 'bank_account_invalid' });
    const [one, two] = deposits;
    const right = savedBy(await gateway.verify(account, waiting.gatewayId, [two, one]));
    expect(right).toMatchObject({ state: 'usable', gatewayId: waiting.gatewayId });
    expect(savedBy(await gateway.verify(account, waiting.gatewayId, [1, 2]))).toEqual(right);
    const debit = {
      ...order(bench, 'a1', savedSource(right)),
      amount: money(1250, currency),
      offSession: true,
    };
    expect((await gateway.charge(debit)).state).toMatch(/succeeded|processing/);
  });

  test('a forgotten instrument is gone: forgetting it again is the same, and it takes no charge', async () => {
    const bench = await open();
    const saved = await saveCard(bench, 's1');
    await bench.gateway.forget(bench.account, saved.gatewayId);
    await bench.gateway.forget(bench.account, saved.gatewayId);
    const request = { ...order(bench, 'a1', savedSource(saved)), offSession: true };
    expect(await bench.gateway.charge(request)).toMatchObject({ state: 'declined', code: 'method_gone' });
    expect(await bench.taken('a1')).toEqual([]);
  });
}

function refunds(open: Open): void {
  test('a payment is given back in parts, and never more than was taken', async () => {
    const bench = await open();
    const paymentId = await paid(bench, 'a1');
    expect(await bench.gateway.refund(refundOf(bench, 'r1', paymentId, 250))).toMatchObject({
      state: 'succeeded',
    });
    expect(await bench.gateway.refund(refundOf(bench, 'r2', paymentId, 1001))).toMatchObject({
      state: 'failed',
    });
    expect(await bench.gateway.refund(refundOf(bench, 'r3', paymentId, 1000))).toMatchObject({
      state: 'succeeded',
    });
    expect(await bench.gateway.refund(refundOf(bench, 'r4', paymentId, 1))).toMatchObject({
      state: 'failed',
    });
    expect(await bench.returned(paymentId)).toEqual([250, 1000]);
  });

  test('the same refund id never gives back twice: at once, all at once, or a month later', async () => {
    const bench = await open();
    const paymentId = await paid(bench, 'a1');
    const request = refundOf(bench, 'r1', paymentId, 100);
    const replies = await Promise.all(Array.from({ length: 5 }, () => bench.gateway.refund(request)));
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
    await bench.pass(5 * WEEK);
    expect(await bench.gateway.refund(request)).toEqual(replies[0]);
    expect(await bench.gateway.lookupRefund(request)).toEqual(replies[0]);
    expect(await bench.returned(paymentId)).toEqual([100]);
  });

  test('after a lost answer the refund is found, and asking again gives nothing more', async () => {
    const bench = await open();
    const paymentId = await paid(bench, 'a1');
    const request = refundOf(bench, 'r1', paymentId, 100);
    await bench.lose('answer');
    await expect(bench.gateway.refund(request)).rejects.toThrow(LOST);
    expect(await bench.gateway.lookupRefund(request)).toMatchObject({ state: 'succeeded' });
    expect(await bench.gateway.refund(request)).toMatchObject({ state: 'succeeded' });
    expect(await bench.returned(paymentId)).toEqual([100]);
  });

  test('a refund that never arrived is looked up as nothing', async () => {
    const bench = await open();
    const paymentId = await paid(bench, 'a1');
    const request = refundOf(bench, 'r1', paymentId, 100);
    await bench.lose('request');
    await expect(bench.gateway.refund(request)).rejects.toThrow(LOST);
    expect(await bench.gateway.lookupRefund(request)).toBeUndefined();
    expect(await bench.returned(paymentId)).toEqual([]);
  });
}

function webhooks(open: Open): void {
  test('a genuine webhook tells what became of an attempt, of a refund, and of an instrument', async () => {
    const bench = await open();
    const reply = await bench.gateway.charge(order(bench, 'a1'));
    expect(await read(bench, { of: 'attempt', attemptId: 'a1' })).toMatchObject([
      { about: 'attempt', attemptId: 'a1', reply },
    ]);
    const request = refundOf(bench, 'r1', paymentIdOf(reply), 100);
    const refund = await bench.gateway.refund(request);
    expect(await read(bench, { of: 'refund', request })).toMatchObject([
      { about: 'refund', refundId: 'r1', reply: refund },
    ]);
    const { gatewayId } = await saveCard(bench, 's1');
    expect(await read(bench, { of: 'removal', gatewayId })).toMatchObject([
      { about: 'instrument', gatewayId, state: 'removed' },
    ]);
    expect(await read(bench, { of: 'something else' })).toMatchObject([{ about: 'nothing' }]);
  });

  test.each(['open', 'won', 'lost'] as const)('a webhook tells of a dispute that is %s', async (state) => {
    const bench = await open();
    const gatewayPaymentId = await paid(bench, 'a1');
    const amount = money(1250, 'EUR');
    expect(await read(bench, { of: 'dispute', gatewayPaymentId, amount, state })).toMatchObject([
      { about: 'dispute', gatewayPaymentId, amount, state, reason: 'fraudulent' },
    ]);
  });

  test('the same webhook twice is the same news with the same id', async () => {
    const bench = await open();
    await paid(bench, 'a1');
    const { account } = bench;
    const sent = await bench.webhook({ of: 'attempt', attemptId: 'a1' }, bench.now());
    const request = { account, ...sent, now: bench.now() };
    const first = await bench.gateway.readWebhook(request);
    expect(await bench.gateway.readWebhook(request)).toEqual(first);
    expect(first[0]!.id).toBe('evt_1');
  });

  test('a webhook that is forged, stale, of another tenant or not signed at all is refused', async () => {
    const bench = await open();
    await paid(bench, 'a1');
    const { account, other, gateway } = bench;
    const now = bench.now();
    const { headers, body } = await bench.webhook({ of: 'attempt', attemptId: 'a1' }, now);
    const forged = Buffer.from(Buffer.from(body).toString().replace('a1', 'a2').replace('evt_1', 'evt_2'));
    const stale = await bench.webhook({ of: 'attempt', attemptId: 'a1' }, now - HOUR);
    const early = await bench.webhook({ of: 'attempt', attemptId: 'a1' }, now + HOUR);
    const bad = [
      { account, headers, body: forged, now },
      { account: other, headers, body, now },
      { account, headers: {}, body, now },
      { account, headers: { ...headers, ...nonsense(headers) }, body, now },
      { account, ...stale, now },
      { account, ...early, now },
      { account, headers, body: new Uint8Array(), now },
    ];
    for (const request of bad) {
      const refused = await gateway.readWebhook(request).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(Refusal);
      expect((refused as Refusal).code).toBe('bad_webhook');
    }
    expect(await gateway.readWebhook({ account, headers, body, now })).toHaveLength(1);
  });
}

function order(bench: Bench, attemptId: string, paysWith: Does | Source = 'works'): ChargeRequest {
  const source = typeof paysWith === 'string' ? bench.card(paysWith) : paysWith;
  return orderOf(bench.account, attemptId, source);
}

function orderOf(account: GatewayAccount, attemptId: string, source: Source): ChargeRequest {
  return {
    account,
    attemptId,
    amount: money(1250, 'EUR'),
    source,
    save: false,
    customerRef: '7',
    offSession: false,
    description: 'INV-12',
    returnUrl: `https://acme.portal.example/pay/attempts/${attemptId}`,
  };
}

function setupOf({ account }: Pick<Bench, 'account'>, setupId: string, source: Source) {
  return { account, setupId, source, customerRef: '7', microDeposits: false };
}

async function saveCard(bench: Bench, setupId: string): Promise<SavedInstrument> {
  return savedBy(await bench.gateway.setup(setupOf(bench, setupId, bench.card('works'))));
}

function savedBy(reply: Awaited<ReturnType<Bench['gateway']['setup']>>): SavedInstrument {
  if (reply.state !== 'saved') throw new Error(`not saved: ${JSON.stringify(reply)}`);
  return reply.instrument;
}

function savedSource({ kind, gatewayId, gatewayCustomerId }: SavedInstrument): Source {
  return { kind: 'saved', method: kind, gatewayId, gatewayCustomerId };
}

async function paid(bench: Bench, attemptId: string): Promise<string> {
  return paymentIdOf(await bench.gateway.charge(order(bench, attemptId)));
}

function paymentIdOf(reply: GatewayReply): string {
  if (reply.state !== 'succeeded') throw new Error(`not paid: ${JSON.stringify(reply)}`);
  return reply.gatewayPaymentId;
}

function refundOf(
  { account }: Pick<Bench, 'account'>,
  refundId: string,
  gatewayPaymentId: string,
  minor: number,
): RefundRequest {
  return { account, refundId, gatewayPaymentId, amount: money(minor, 'EUR') };
}

async function read(bench: Bench, tidings: Tidings) {
  const { account } = bench;
  const sent = await bench.webhook(tidings, bench.now());
  return bench.gateway.readWebhook({ account, ...sent, now: bench.now() + 60_000 });
}

function nonsense(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, 'nonsense']));
}

function stateOf(reply: GatewayReply): GatewayReply['state'] {
  return reply.state;
}
