import autocannon from 'autocannon';
import { get } from './http.ts';
import { processorMs } from './processes.ts';

/** A page under load. Latencies are ms; bytes are those of one body as it goes over the wire. */
export interface Load {
  readonly page: string;
  readonly connections: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly bytes: number;
  /** Processor time of the server for one request, in ms: what a busy machine distorts least. */
  readonly processor: number;
}

export interface Target {
  readonly page: string;
  readonly port: number;
  readonly pid: number;
  readonly path: string;
  readonly headers?: Record<string, string>;
}

/** What browsers send. */
export const PACKED = { 'accept-encoding': 'gzip, deflate, br, zstd' };

/**
 * Puts every target under load in turn, `rounds` times over, so that a busy moment of the machine hits all of them; answers the round
 * with the median of requests a second for each.
 */
export async function compare(
  targets: readonly Target[],
  connections: number,
  seconds: number,
  rounds: number,
): Promise<Load[]> {
  const results = targets.map((): Load[] => []);
  for (const target of targets) await shoot(target, connections, 1);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, target] of targets.entries())
      results[at]?.push(await shoot(target, connections, seconds));
  }
  return results.map(medianOf);
}

async function shoot(target: Target, connections: number, duration: number): Promise<Load> {
  const { page, port, pid, path, headers = {} } = target;
  const { status, body } = await get(port, path, headers);
  if (status !== 200) throw new Error(`${page} answered ${status}.`);
  const before = processorMs(pid);
  const result = await autocannon({ url: `http://127.0.0.1:${port}${path}`, connections, duration, headers });
  if (result.non2xx + result.errors > 0) {
    throw new Error(`${page}: ${result.non2xx} answers were no success, ${result.errors} requests failed.`);
  }
  const { p50, p99 } = result.latency;
  const perSecond = Math.round(result.requests.total / result.duration);
  const processor = (processorMs(pid) - before) / result.requests.total;
  return { page, connections, perSecond, p50, p99, bytes: body.length, processor };
}

function medianOf(loads: readonly Load[]): Load {
  const sorted = loads.toSorted((a, b) => a.perSecond - b.perSecond);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new RangeError('A target was never loaded.');
  return middle;
}
