import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BookLine } from '#src/adapters/test-gateway-book.ts';
import { signedWebhook } from '#src/adapters/test-gateway-webhooks.ts';
import { type Fault, testGateway, type TestGateway } from '#src/adapters/test-gateway.ts';
import type { Gateway, GatewayEvent, Source } from '#src/payments/gateways/gateway.ts';
import { afterAll, beforeAll } from 'vitest';
import { cardSource } from '#test/support/house.ts';
import type { Bench, Does, Tidings } from './bench.ts';
import { testGatewayAt } from './test-gateway-client.ts';
import type { Orders } from './test-gateway-process.ts';

const PROCESS = fileURLToPath(new URL('test-gateway-process.ts', import.meta.url));
const START = Date.parse('2026-11-23T10:00:00Z');

const NUMBERS: Readonly<Record<Does, string>> = {
  works: '4242424242424242',
  'is declined': '4000000000000069',
  'has no money': '4000000000009995',
  'has expired': '4000000000000101',
  'has a wrong code': '4000000000000127',
  asks: '4000002760003184',
  clears: '4000000000000077',
  bounces: '4242424242424242',
};
const IBANS = { clears: 'DE89370400440532013000', bounces: 'DE62370400440532013001' };

/** Everything about the other side that does not depend on where it lives. */
interface Far {
  readonly gateway: Gateway;
  order(orders: Orders): Promise<void>;
  book(): Promise<BookLine[]>;
  refunds(): Promise<ReturnType<TestGateway['refunds']>>;
  shut(): Promise<void>;
}

/** The test gateway as a library in this process. */
export function testGatewayHere(): Promise<Bench> {
  let orders: Orders = { now: START };
  const gateway = testGateway({
    book: ':memory:',
    now: () => orders.now ?? START,
    fault: () => {
      const { lose } = orders;
      orders = { ...orders, lose: undefined };
      return lose;
    },
  });
  return Promise.resolve(
    benchOf({
      gateway,
      order: async (more) => void (orders = { ...orders, ...more }),
      book: async () => gateway.book(),
      refunds: async () => gateway.refunds(),
      shut: async () => gateway.shut(),
    }),
  );
}

/** The test gateway in a process of its own, with a fresh book for every bench. The process is one for all tests of the file. */
export function testGatewayApart(): () => Promise<Bench> {
  let apart: { readonly child: ChildProcess; readonly address: URL };
  let books = 0;
  const folder = mkdtempSync(join(tmpdir(), 'portal-gateway-'));
  beforeAll(async () => {
    apart = await startProcess(join(folder, 'book.db'));
  });
  afterAll(async () => {
    apart.child.disconnect();
    await once(apart.child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });
  return async () => {
    const { child, address } = apart;
    const tell = async <Answer>(what: string): Promise<Answer> =>
      ((await (await fetch(new URL(what, address))).json()) as { reply: Answer }).reply;
    const order = async (orders: Orders): Promise<void> => {
      child.send(orders);
      await once(child, 'message');
    };
    await order({ book: join(folder, `book-${++books}.db`), now: START });
    return benchOf({
      gateway: testGatewayAt(address),
      order,
      book: () => tell('/book'),
      refunds: () => tell('/refunds'),
      shut: () => Promise.resolve(),
    });
  };
}

/** Starts a test gateway over a book, and answers when it listens. */
export async function startProcess(
  book: string,
): Promise<{ readonly child: ChildProcess; readonly address: URL }> {
  const child = fork(PROCESS, [book]);
  const [address] = (await once(child, 'message')) as [string];
  return { child, address: new URL(address) };
}

function benchOf({ gateway, order, book, refunds, shut }: Far): Bench {
  let now = START;
  return {
    gateway,
    account: { tenantId: 1 },
    other: { tenantId: 2 },
    card: (does) => ({ ...cardSource(NUMBERS[does]) }),
    bank: (does) => bankOf({ iban: IBANS[does] }),
    slowBank: () => ({
      source: bankOf({ routing: '110000000', account: '000123456789' }),
      currency: 'USD',
      deposits: [35, 45],
    }),
    // The bank of the test gateway is the page that the portal shows.
    bankAnswers: () => Promise.resolve(),
    bankAnswersSetup: () => Promise.resolve(),
    pass: async (ms) => {
      now += ms;
      await order({ now });
    },
    lose: (what) => order({ lose: LOST[what] }),
    taken: async (attemptId) =>
      (await book())
        .filter((line) => line.attemptId === attemptId && line.state === 'succeeded')
        .map(({ minor }) => minor),
    returned: async (paymentId) =>
      (await refunds()).filter((one) => one.gatewayPaymentId === paymentId).map(({ minor }) => minor),
    webhook: async (tidings, atMs) => signedWebhook(1, await eventOf(gateway, tidings), atMs),
    now: () => now,
    shut,
  };
}

const LOST: Readonly<Record<'request' | 'answer', Fault>> = {
  request: 'lose_request',
  answer: 'lose_answer',
};

function bankOf(numbers: { iban?: string; routing?: string; account?: string }): Source {
  return { kind: 'bank_account', account: { holder: 'Petra Müller', holderType: 'individual', ...numbers } };
}

async function eventOf(gateway: Gateway, tidings: Tidings): Promise<GatewayEvent> {
  const account = { tenantId: 1 };
  switch (tidings.of) {
    case 'attempt': {
      const reply = await gateway.lookup(account, tidings.attemptId);
      return { id: 'evt_1', about: 'attempt', attemptId: tidings.attemptId, reply: reply! };
    }
    case 'refund': {
      const reply = await gateway.lookupRefund(tidings.request);
      return { id: 'evt_1', about: 'refund', refundId: tidings.request.refundId, reply: reply! };
    }
    case 'dispute': {
      const { gatewayPaymentId, amount, state } = tidings;
      const about = { about: 'dispute', gatewayPaymentId, amount, state } as const;
      return { id: 'evt_1', ...about, gatewayDisputeId: 'dp_1', reason: 'fraudulent' };
    }
    case 'removal':
      return {
        id: 'evt_1',
        about: 'instrument',
        gatewayId: tidings.gatewayId,
        state: 'removed',
        reason: undefined,
      };
    case 'something else':
      return { id: 'evt_1', about: 'nothing' };
  }
}
