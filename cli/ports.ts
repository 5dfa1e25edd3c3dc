import { createServer } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { refuse } from '#src/kernel/errors.ts';

const TRIES = 100;

/** Reads a port number; anything else is wrong usage. */
export function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new InvalidArgumentError('It must be a port number, 0 to 65535.');
  return port;
}

/** The first port from `wanted` on that nobody listens at. Refuses `port_taken` after a hundred tries. */
export async function freePort(wanted: number, host: string): Promise<number> {
  for (let port = wanted; port < Math.min(wanted + TRIES, 65_536); port++) {
    if (await isFree(port, host)) return port;
  }
  return refuse('port_taken', { port: wanted, host });
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
