import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { Client } from 'pg';
import { startPostgres } from '#test/support/postgres-server.ts';
import type { Payable, Served } from './instant.ts';
import { freePort, ROOT } from './processes.ts';

/** Payments over HTTP that are acknowledged with a receipt, each with two durable commits, beside the engine's bare commits. */
export interface PaymentRate {
  readonly engine: 'sqlite' | 'postgres';
  readonly payments: number;
  readonly perSecond: number;
  /** Half of the payments were answered within so many ms, and 99 of 100. */
  readonly p50: number;
  readonly p99: number;
  /** One small row in a transaction of its own, one after the other, on the same disk and engine. */
  readonly bareCommits: number;
}

const AT_ONCE = 16;
const BARE_MS = 1000;

/** Pays `payments` invoices of as many as 100 customers with an instant gateway; nothing of the durability is switched off. */
export async function paymentRates(folder: string, payments: number): Promise<PaymentRate[]> {
  const sqlite = await rateOf('sqlite', join(folder, 'payments'), payments, undefined);
  const server = await startPostgres({ durable: true });
  try {
    return [sqlite, await rateOf('postgres', join(folder, 'payments-pg'), payments, server.url)];
  } finally {
    await server.stop();
  }
}

async function rateOf(
  engine: PaymentRate['engine'],
  folder: string,
  payments: number,
  url: string | undefined,
): Promise<PaymentRate> {
  const customers = 100;
  const port = await freePort();
  const env = {
    ...process.env,
    PORTAL_DATA: folder,
    PORTAL_DATABASE_URL: url ?? '',
    PORTAL_BASE_URL: `http://localhost:${port}`,
    PORTAL_TRUSTED_PROXIES: '127.0.0.1',
    PORTAL_LOG: 'error',
    NODE_ENV: 'production',
  };
  const each = Math.ceil(payments / customers);
  const child = fork(join(ROOT, 'test/bench/instant.ts'), [String(customers), String(each)], { env });
  try {
    const [served] = (await once(child, 'message')) as [Served];
    const bareCommits = url ? await bareOnPostgres(url) : bareOnSqlite(join(folder, 'bare.db'));
    const times = await payAll(served);
    return { engine, bareCommits, ...times };
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

async function payAll({
  port,
  host,
  payables,
}: Served): Promise<Pick<PaymentRate, 'payments' | 'perSecond' | 'p50' | 'p99'>> {
  // Each customer's invoices are apart from one another, as in life.
  const queue = payables.map((payable, i) => ({ payable, at: i % 97 })).toSorted((a, b) => a.at - b.at);
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const times: number[] = [];
  const started = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = queue.pop(); next; next = queue.pop()) {
        const begun = performance.now();
        await pay(agent, port, host, next.payable, times.length);
        times.push(performance.now() - begun);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  const part = (share: number): number => Math.round(times[Math.floor(times.length * share)] ?? 0);
  return {
    payments: times.length,
    perSecond: Math.round(times.length / seconds),
    p50: part(0.5),
    p99: part(0.99),
  };
}

function pay(agent: Agent, port: number, host: string, payable: Payable, count: number): Promise<void> {
  const body = new URLSearchParams({
    nonce: `bench-${payable.clientId}-${count}`,
    seen: `${payable.clientId}:${payable.minor}`,
    charge: `plain:${payable.minor}`,
    currency: 'EUR',
    with: 'card',
    number: '4242424242424242',
    expiry: '12/31',
    cvc: '123',
    name: 'Bench',
  }).toString();
  const headers = {
    host,
    cookie: payable.cookie,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
    'sec-fetch-site': 'same-origin',
    origin: `http://${host}`,
    // Everybody pays from home.
    'x-forwarded-for': `10.${count >> 16}.${(count >> 8) & 255}.${count & 255}`,
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path: '/pay', method: 'POST', headers, agent },
      (answer) => {
        answer.resume();
        answer.on('end', () => {
          const to = String(answer.headers.location);
          if (answer.statusCode === 303 && to.startsWith('/payments/')) resolve();
          else reject(new Error(`a payment was answered with ${answer.statusCode} ${to}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function bareOnSqlite(path: string): number {
  const file = new BetterSqlite(path);
  file.pragma('journal_mode = wal');
  file.pragma('synchronous = full');
  file.exec('create table t (id integer primary key, text text)');
  const insert = file.prepare('insert into t (text) values (?)');
  let commits = 0;
  const end = performance.now() + BARE_MS;
  for (; performance.now() < end; commits++) insert.run('a payment');
  file.close();
  return Math.round((commits * 1000) / BARE_MS);
}

async function bareOnPostgres(connectionString: string): Promise<number> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query('create table bare (id serial primary key, text text)');
  let commits = 0;
  const end = performance.now() + BARE_MS;
  for (; performance.now() < end; commits++)
    await client.query("insert into bare (text) values ('a payment')");
  await client.end();
  return Math.round((commits * 1000) / BARE_MS);
}
