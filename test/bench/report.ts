import type { Load } from './load.ts';

/** One figure beside what it should be. */
export interface Aim {
  readonly what: string;
  readonly value: string;
  readonly aim: string;
  readonly met: boolean;
  /** What it is to be compared with, measured in the same run. */
  readonly beside: string;
}

export function aim(what: string, value: string, wanted: string, met: boolean, beside = ''): Aim {
  return { what, value, aim: wanted, met, beside };
}

/** `3.4 ms`, `212 ms`. */
export function inMs(milliseconds: number): string {
  return `${milliseconds < 100 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

export function printAims(machine: object, aims: readonly Aim[]): void {
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${String(value)}`);
  const head = ['', 'figure', 'aim', '', 'beside'];
  const rows = aims.map((one) => [one.what, one.value, one.aim, one.met ? 'met' : 'MISSED', one.beside]);
  process.stdout.write(`\n${facts.join(' · ')}\n\n${tableOf([head, ...rows])}\n`);
}

export function printLoads(title: string, loads: readonly Load[]): void {
  const head = [title, 'connections', 'requests/s', 'p50 ms', 'p99 ms', 'bytes', 'processor ms'];
  const rows = loads.map((load) =>
    [
      load.page,
      load.connections,
      load.perSecond,
      load.p50,
      load.p99,
      load.bytes,
      load.processor.toFixed(2),
    ].map(String),
  );
  process.stdout.write(`\n${tableOf([head, ...rows])}\n`);
}

function tableOf(rows: ReadonlyArray<readonly string[]>): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join('   '),
    )
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
