import BetterSqlite from 'better-sqlite3';
import type {
  ChargeRequest,
  DeclineCode,
  GatewayReply,
  RefundReply,
  SavedInstrument,
  SetupReply,
} from '../payments/gateways/gateway.ts';
import type { TestBehaviour } from '../payments/gateways/test-cards.ts';
import { privateFile } from './private-files.ts';

/** A line of the gateway's own book: its truth about what was charged, independent of the portal's. */
export interface BookLine {
  readonly attemptId: string;
  readonly tenantId: number;
  readonly minor: number;
  readonly currency: string;
  readonly state: GatewayReply['state'];
}

/** How long (ms) a debit is on its way before it succeeds or fails. */
export const CLEARING_MS = 3 * 86_400_000;
export interface Decided {
  readonly reply: GatewayReply;
  /** What it becomes once the debit has cleared. */
  readonly later?: GatewayReply | undefined;
}

/** An instrument, and what it does when it is charged. */
export interface KeptInstrument {
  readonly instrument: SavedInstrument;
  readonly behaviour: TestBehaviour;
}

interface ChargeRow {
  readonly attempt_id: string;
  readonly tenant_id: number;
  readonly minor: number;
  readonly currency: string;
  readonly reply: string;
  readonly later: string | null;
  readonly later_at: number | null;
}

/** The gateway's durable book. Each id stands once, whatever is asked again. */
export class Book {
  readonly #file: BetterSqlite.Database;
  readonly #now: () => number;

  constructor(file: BetterSqlite.Database, now: () => number) {
    this.#file = file;
    this.#now = now;
  }

  addCharge({ attemptId, account, amount }: ChargeRequest, { reply, later }: Decided, at: number): void {
    this.#file
      .prepare('insert into charges values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing')
      .run(
        attemptId,
        account.tenantId,
        amount.minor,
        amount.currency,
        JSON.stringify(reply),
        later ? JSON.stringify(later) : null,
        later ? at + CLEARING_MS : null,
      );
  }

  /** What is to be said of a charge at a time. A debit that has cleared by then has cleared for good. */
  charge(attemptId: string, at: number): GatewayReply | undefined {
    this.#file
      .prepare(
        'update charges set reply = later, later = null, later_at = null where attempt_id = ? and later_at <= ?',
      )
      .run(attemptId, at);
    const row = this.#file.prepare('select reply from charges where attempt_id = ?').get(attemptId) as
      Pick<ChargeRow, 'reply'> | undefined;
    return row && (JSON.parse(row.reply) as GatewayReply);
  }

  replaceCharge(attemptId: string, reply: GatewayReply): GatewayReply {
    this.#file
      .prepare('update charges set reply = ? where attempt_id = ?')
      .run(JSON.stringify(reply), attemptId);
    return reply;
  }

  closed(attemptId: string, at: number): GatewayReply {
    const insert = 'insert into charges values (?, 0, 0, ?, ?, null, null) on conflict do nothing';
    this.#file.prepare(insert).run(attemptId, 'XXX', JSON.stringify(canceled()));
    const reply = this.charge(attemptId, at)!;
    return reply.state === 'action_required' ? this.replaceCharge(attemptId, canceled()) : reply;
  }

  lines(): BookLine[] {
    const rows = this.#file.prepare('select * from charges').all() as ChargeRow[];
    return rows.map((row) => ({
      attemptId: row.attempt_id,
      tenantId: row.tenant_id,
      minor: row.minor,
      currency: row.currency,
      state: this.#replyOf(row).state,
    }));
  }

  /** Notes what is to be kept once the payer's bank is content. */
  addSetup(setupId: string, kept: KeptInstrument, reply: SetupReply): SetupReply {
    this.#file
      .prepare('insert into setups values (?, ?, ?) on conflict do nothing')
      .run(setupId, JSON.stringify(kept), JSON.stringify(reply));
    return this.setup(setupId)!.reply;
  }

  setup(setupId: string): { kept: KeptInstrument; reply: SetupReply } | undefined {
    const row = this.#file.prepare('select kept, reply from setups where id = ?').get(setupId) as
      { kept: string; reply: string } | undefined;
    return row && { kept: JSON.parse(row.kept), reply: JSON.parse(row.reply) };
  }

  replaceSetup(setupId: string, reply: SetupReply): SetupReply {
    this.#file.prepare('update setups set reply = ? where id = ?').run(JSON.stringify(reply), setupId);
    return reply;
  }

  keep(instrument: SavedInstrument, behaviour: TestBehaviour): SavedInstrument {
    this.#file
      .prepare('insert into instruments values (?, ?, ?) on conflict do nothing')
      .run(instrument.gatewayId, JSON.stringify(instrument), JSON.stringify(behaviour));
    return this.instrument(instrument.gatewayId)!.instrument;
  }

  instrument(gatewayId: string): KeptInstrument | undefined {
    const row = this.#file.prepare('select * from instruments where id = ?').get(gatewayId) as
      { instrument: string; behaviour: string } | undefined;
    return row && { instrument: JSON.parse(row.instrument), behaviour: JSON.parse(row.behaviour) };
  }

  forget(gatewayId: string): void {
    this.#file.prepare('delete from instruments where id = ?').run(gatewayId);
  }

  makeUsable(gatewayId: string): SavedInstrument {
    const { instrument } = this.instrument(gatewayId)!;
    const usable = { ...instrument, state: 'usable' as const };
    this.#file
      .prepare('update instruments set instrument = ? where id = ?')
      .run(JSON.stringify(usable), gatewayId);
    return usable;
  }

  addRefund(refundId: string, gatewayPaymentId: string, minor: number): RefundReply {
    const attemptId = gatewayPaymentId.replace(/^test_/, '');
    const charged = this.lines().find((line) => line.attemptId === attemptId && line.state === 'succeeded');
    const before = this.allRefunds().filter((refund) => refund.gatewayPaymentId === gatewayPaymentId);
    const known = this.refund(refundId);
    if (known) return known;
    const returned = before.reduce((sum, refund) => sum + refund.minor, 0);
    if (!charged || returned + minor > charged.minor)
      return { state: 'failed', message: 'More than was charged cannot be refunded.' };
    this.#file.prepare('insert into refunds values (?, ?, ?)').run(refundId, gatewayPaymentId, minor);
    return this.refund(refundId)!;
  }

  refund(refundId: string): RefundReply | undefined {
    const row = this.#file.prepare('select id from refunds where id = ?').get(refundId);
    return row === undefined ? undefined : { state: 'succeeded', gatewayRefundId: `re_${refundId}` };
  }

  allRefunds(): Array<{ refundId: string; gatewayPaymentId: string; minor: number }> {
    return this.#file
      .prepare('select id as "refundId", payment as "gatewayPaymentId", minor from refunds')
      .all() as Array<{ refundId: string; gatewayPaymentId: string; minor: number }>;
  }

  /** A debit on its way has its answer once the days are over. */
  #replyOf(row: ChargeRow): GatewayReply {
    const isDue = row.later !== null && row.later_at !== null && row.later_at <= this.#now();
    return JSON.parse(isDue ? row.later! : row.reply) as GatewayReply;
  }
}

export function openBook(path: string): BetterSqlite.Database {
  if (path !== ':memory:') privateFile(path);
  const book = new BetterSqlite(path);
  book.pragma('journal_mode = wal');
  book.pragma('synchronous = full');
  book.pragma('busy_timeout = 10000');
  book.exec(`
    create table if not exists charges (
      attempt_id text not null primary key, tenant_id integer not null, minor integer not null, currency text not null,
      reply text not null, later text, later_at integer
    ) strict;
    create table if not exists instruments (id text not null primary key, instrument text not null, behaviour text not null) strict;
    create table if not exists setups (id text not null primary key, kept text not null, reply text not null) strict;
    create table if not exists refunds (id text not null primary key, payment text not null, minor integer not null) strict;`);
  return book;
}

export function canceled(): GatewayReply {
  return declined('canceled', 'The payment was not finished in time, so nothing was charged.');
}

export function declined(code: DeclineCode, message: string): Extract<GatewayReply, { state: 'declined' }> {
  return { state: 'declined', code, message };
}
