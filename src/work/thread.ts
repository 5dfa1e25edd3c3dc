import { parentPort, workerData } from 'node:worker_threads';
import { createApp } from '../app.ts';
import { createSessions } from '../signin/sessions.ts';
import { configFrom, type Order, type SentConfig } from './away.ts';
import { startWork } from '../work.ts';

/* What `startWorkAway` starts: the background work, in a thread with a database connection of its own. */

const app = await createApp(configFrom(workerData as SentConfig));
const work = startWork(app, { sessions: createSessions(app.ports) });
parentPort?.on('message', (order: Order) => void (order === 'kick' ? work.kick() : stop()));

async function stop(): Promise<void> {
  await work.stop();
  await app.close();
  parentPort?.close();
}
