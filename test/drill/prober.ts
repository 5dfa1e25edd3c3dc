import { setTimeout as sleep } from 'node:timers/promises';
import type { Town } from './customer.ts';
import type { Visitor } from '#test/support/portal.ts';

const EVERY_MS = 40;
const PAGES = ['/invoices', '/', '/payments', '/login'];

/** How long (ms) pages took, of all that were answered. */
export interface Pace {
  readonly pages: number;
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
}

/**
 * Somebody who is signed in and opens a page every few milliseconds, whether the last one has come or not: what everybody waits for is not overlooked.
 * What is cut off because its process was killed is not counted.
 */
export async function probe(
  town: Town,
  visitors: readonly Visitor[],
  from: () => Record<string, string>,
): Promise<Pace> {
  const took: number[] = [];
  const open: Array<Promise<void>> = [];
  for (let n = 0; !town.over; n++) {
    open.push(look(visitors[n % visitors.length]!, PAGES[n % PAGES.length]!, from(), took));
    await sleep(EVERY_MS);
  }
  await Promise.all(open);
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return { pages: sorted.length, median: at(0.5), p99: at(0.99), longest: at(1) };
}

async function look(
  visitor: Visitor,
  page: string,
  headers: Record<string, string>,
  took: number[],
): Promise<void> {
  const started = performance.now();
  const answer = await visitor.get(page, headers).catch(() => undefined);
  if (answer) took.push(performance.now() - started);
}
