import BetterSqlite from 'better-sqlite3';
import { cardLabel } from '../payments/card.ts';
import { TEST_CARDS } from '../payments/test-cards.ts';
import type { CardDetails, ChargeRequest, Gateway, GatewayReply } from '../payments/gateway.ts';

/** Faults for tests of lost answers: `lose_answer` books the charge and then fails, `lose_request` fails before it. */
export type Fault = 'lose_answer' | 'lose_request';

export interface TestGatewayOptions {
  /** The file of its book, `:memory:` for a book that ends with the process. */
  readonly book: string;
  /** Asked before every charge. */
  readonly fault?: (attemptId: string) => Fault | undefined;
}

/** A line of the gateway's own book: its truth about what was charged, independent of the portal's. */
export interface BookLine {
  readonly attemptId: string;
  readonly tenantId: number;
  readonly minor: number;
  readonly currency: string;
  readonly state: GatewayReply['state'];
}

/**
 * The built-in gateway for trying things out: documented card numbers, no real money, and a durable book of its own in which an attempt id
 * stands once for ever. The portal never lets it work for a live tenant.
 */
export function testGateway(options: TestGatewayOptions): Gateway & { book(): BookLine[]; shut(): void } {
  const book = openBook(options.book);
  const find = book.prepare('select reply from charges where attempt_id = ?').pluck();
  const insert = book.prepare(
    'insert into charges (attempt_id, tenant_id, minor, currency, reply) values (?, ?, ?, ?, ?) on conflict do nothing',
  );
  const replace = book.prepare('update charges set reply = ? where attempt_id = ?');
  const lookup = (attemptId: string): GatewayReply | undefined => {
    const reply = find.get(attemptId) as string | undefined;
    return reply === undefined ? undefined : (JSON.parse(reply) as GatewayReply);
  };
  return {
    name: 'test',
    charge: (request) => {
      const fault = options.fault?.(request.attemptId);
      if (fault === 'lose_request') return Promise.reject(new Error('the connection was refused'));
      const { attemptId, tenantId, amount } = request;
      insert.run(attemptId, tenantId, amount.minor, amount.currency, JSON.stringify(replyTo(request)));
      if (fault === 'lose_answer') return Promise.reject(new Error('the connection was lost'));
      return Promise.resolve(lookup(attemptId)!);
    },
    answerChallenge: (attemptId, passed) => {
      const reply = lookup(attemptId);
      if (reply?.state !== 'action_required') return Promise.resolve(reply ?? canceled());
      const next = passed
        ? succeeded(attemptId, reply.methodLabel)
        : declined(
            'authentication_failed',
            'Your bank could not confirm that it was you. Try again, or use another card.',
          );
      replace.run(JSON.stringify(next), attemptId);
      return Promise.resolve(next);
    },
    lookup: (attemptId) => Promise.resolve(lookup(attemptId)),
    close: (attemptId) => {
      insert.run(attemptId, 0, 0, 'XXX', JSON.stringify(canceled()));
      const reply = lookup(attemptId)!;
      if (reply.state === 'action_required') replace.run(JSON.stringify(canceled()), attemptId);
      return Promise.resolve(lookup(attemptId)!);
    },
    book: () =>
      (
        book.prepare('select attempt_id, tenant_id, minor, currency, reply from charges').all() as BookRow[]
      ).map((row) => ({
        attemptId: row.attempt_id,
        tenantId: row.tenant_id,
        minor: row.minor,
        currency: row.currency,
        state: (JSON.parse(row.reply) as GatewayReply).state,
      })),
    shut: () => void book.close(),
  };
}

interface BookRow {
  readonly attempt_id: string;
  readonly tenant_id: number;
  readonly minor: number;
  readonly currency: string;
  readonly reply: string;
}

function openBook(path: string): BetterSqlite.Database {
  const book = new BetterSqlite(path);
  book.pragma('journal_mode = wal');
  book.pragma('synchronous = full');
  book.pragma('busy_timeout = 10000');
  book.exec(`create table if not exists charges (
    attempt_id text not null primary key, tenant_id integer not null, minor integer not null, currency text not null, reply text not null
  ) strict`);
  return book;
}

function replyTo({ attemptId, card }: ChargeRequest): GatewayReply {
  const known = TEST_CARDS.find(({ number }) => number === card.number);
  const label = cardLabel(card.number);
  if (known?.reply === 'challenge')
    return { state: 'action_required', challenge: 'three_d_secure', methodLabel: label };
  if (known?.reply === 'processing')
    return { state: 'processing', gatewayPaymentId: `test_${attemptId}`, methodLabel: label };
  if (known) return known.reply;
  return wrongCode(card) ?? succeeded(attemptId, label);
}

function wrongCode(card: CardDetails): GatewayReply | undefined {
  if (/^\d{3,4}$/.test(card.cvc)) return undefined;
  return declined('card_cvc_wrong', 'The security code has three or four digits.');
}

function succeeded(attemptId: string, methodLabel: string): GatewayReply {
  return { state: 'succeeded', gatewayPaymentId: `test_${attemptId}`, methodLabel };
}

function canceled(): GatewayReply {
  return declined('canceled', 'The payment was not finished in time, so nothing was charged.');
}

function declined(code: Extract<GatewayReply, { state: 'declined' }>['code'], message: string): GatewayReply {
  return { state: 'declined', code, message };
}
