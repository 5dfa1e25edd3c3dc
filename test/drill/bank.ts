/*
 * The test gateway as a process of its own, with everything that networks do to requests and answers.
 *
 *   node test/drill/bank.ts FOLDER SEED FAULTY
 *
 * FAULTY of 100 charges meet a mishap. It tells its port to its parent, listens to it for the clock and for calm, and ends with it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';
import { testGateway } from '#src/adapters/test-gateway.ts';
import type { ChargeRequest } from '#src/payments/gateways/gateway.ts';
import { diceOf } from './dice.ts';
import { tellNews } from './news.ts';

const [folder = '', seed = '1', faulty = '0'] = process.argv.slice(2);
const dice = diceOf(Number(seed));
const order = { offset: 0, calm: false, portals: [] as number[], host: '' };
const gateway = testGateway({ book: join(folder, 'bank.db'), now: () => Date.now() + order.offset });
const notes = new BetterSqlite(join(folder, 'mishaps.db'));
notes.pragma('journal_mode = wal');
notes.pragma('synchronous = off');
notes.pragma('busy_timeout = 10000');
notes.exec('create table if not exists mishaps (attempt_id text not null, kind text not null)');
notes.exec('create table if not exists news (attempt_id text not null, fate text not null)');
const note = notes.prepare('insert into mishaps values (?, ?)');
const noteNews = notes.prepare('insert into news values (?, ?)');

type Work = () => Promise<unknown>;

/** Each drops the connection, or answers what no gateway should. `work` is what was asked for. */
const MISHAPS: Readonly<Record<string, (work: Work, response: ServerResponse) => Promise<void>>> = {
  'lost request': async (_work, response) => drop(response),
  'lost answer': async (work, response) => {
    await work();
    drop(response);
  },
  // The portal gave up, and the request arrives all the same: perhaps after somebody asked what became of it.
  'late request': async (work, response) => {
    drop(response);
    await sleep(20 + dice(1500));
    await work();
  },
  // Whoever asks again meanwhile is answered first.
  'late answer': async (work, response) => {
    const reply = await work();
    await sleep(50 + dice(400));
    answer(response, 200, reply);
  },
  'request twice': async (work, response) => {
    await Promise.all([work(), sleep(dice(30)).then(work)]);
    answer(response, 200, await work());
  },
  'error after': async (work, response) => {
    await work();
    answer(response, 500, 'out of order');
  },
  'error before': async (_work, response) => answer(response, 503, 'come again'),
  'half an answer': async (work, response) => {
    const text = JSON.stringify(await work()) ?? 'null';
    response.writeHead(200, { 'content-length': text.length }).write(text.slice(0, text.length / 2));
    drop(response);
  },
};

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const operation = (request.url ?? '').slice(1);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const args = JSON.parse(Buffer.concat(chunks).toString()) as unknown[];
  const work: Work = async () => {
    const reply: unknown = await Reflect.apply(Reflect.get(gateway, operation), gateway, args);
    if (operation === 'charge' && !order.calm) void tell(args[0] as ChargeRequest);
    return reply;
  };
  const kind = mishapOf(operation);
  if (kind === undefined) return answer(response, 200, await work());
  note.run(attemptIn(operation, args), kind);
  await MISHAPS[kind]!(work, response);
}

/** The portal hears of it by a webhook as well, or not. */
async function tell({ attemptId, account }: ChargeRequest): Promise<void> {
  const fate = await tellNews(gateway, order, account.tenantId, attemptId, dice).catch(
    () => 'forged and taken in',
  );
  noteNews.run(attemptId, fate);
}

/** Charges and refunds are struck as often as was ordered; looking up and closing once in ten times. */
function mishapOf(operation: string): string | undefined {
  if (order.calm) return undefined;
  const share = operation === 'charge' || operation === 'refund' ? Number(faulty) : 10;
  if (dice(100) >= share) return undefined;
  const kinds = Object.keys(MISHAPS);
  return kinds[dice(kinds.length)];
}

function attemptIn(operation: string, [first, second]: readonly unknown[]): string {
  if (operation === 'charge') return (first as { attemptId: string }).attemptId;
  const { refundId } = first as { refundId?: string };
  return refundId ?? String(second);
}

function drop(response: ServerResponse): void {
  response.socket?.destroy();
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  if (!response.socket?.destroyed) response.writeHead(status).end(JSON.stringify(body) ?? 'null');
}

const server = createServer((request, response) => {
  serve(request, response).catch(() => drop(response));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: address && typeof address === 'object' ? address.port : 0 });
});
process.on('message', (change: Partial<typeof order>) => void Object.assign(order, change));
process.once('disconnect', () => process.exit());
