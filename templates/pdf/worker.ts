import { parentPort } from 'node:worker_threads';
import { drawPaper } from './draw.ts';
import type { Paper } from './papers.ts';

/* A thread of the pool: one paper in, one file out; whatever fails ends the thread, which tells the pool. */

parentPort?.on('message', async (paper: Paper) => {
  const bytes = await drawPaper(paper);
  parentPort?.postMessage(bytes, [bytes.buffer as ArrayBuffer]);
});
