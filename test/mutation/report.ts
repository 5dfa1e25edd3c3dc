import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Area } from './areas.ts';
import type { Trial } from './trials.ts';

/** How an area of a sample came out. */
export interface AreaResult {
  readonly area: string;
  readonly wanted: number;
  readonly tried: number;
  readonly noticed: number;
  readonly survived: number;
  readonly equivalent: number;
  /** Of those that are not equivalent, rounded down. */
  readonly percent: number;
}

export interface Results {
  readonly seed: number;
  readonly date: string;
  readonly areas: readonly AreaResult[];
  readonly trials: readonly Trial[];
}

export function areaResult({ name, wanted }: Area, trials: readonly Trial[]): AreaResult {
  const count = (which: Trial['fate']): number => trials.filter(({ fate }) => fate === which).length;
  const noticed = count('noticed');
  const survived = trials.filter(isMissed).length;
  const percent = noticed + survived === 0 ? 100 : Math.floor((100 * noticed) / (noticed + survived));
  return {
    area: name,
    wanted,
    tried: trials.length,
    noticed,
    survived,
    equivalent: count('equivalent'),
    percent,
  };
}

/** Whether nobody noticed it. */
export function isMissed({ fate }: Trial): boolean {
  return fate === 'survived' || fate === 'not executed';
}

/** The table of areas, and each mutant that nobody noticed. */
export function reportText({ seed, areas, trials }: Results): string {
  const sum = (of: (area: AreaResult) => number): number => areas.reduce((all, area) => all + of(area), 0);
  const noticed = sum((area) => area.noticed);
  const real = noticed + sum((area) => area.survived);
  const rows = areas.map((area) =>
    [
      area.area.padEnd(10),
      String(area.tried).padStart(6),
      String(area.noticed).padStart(8),
      String(area.survived).padStart(9),
      String(area.equivalent).padStart(11),
      `${area.percent} %`.padStart(8),
      `${area.wanted} %`.padStart(7),
    ].join(' '),
  );
  const survivors = trials.filter(isMissed);
  return [
    `${trials.length} mutants, seed ${seed}: ${noticed} of ${real} noticed (${Math.floor((100 * noticed) / Math.max(1, real))} %)`,
    '',
    'area        tried  noticed  survived  equivalent  noticed  wanted',
    ...rows,
    '',
    ...(survivors.length > 0 ? ['Not noticed:', ...survivors.map(lineOf), ''] : []),
  ].join('\n');
}

export function lineOf({ path, line, change, code, fate, ran, executing }: Trial): string {
  const tests =
    fate === 'not executed' ? 'no test executes it' : `${ran} of ${executing} test files that execute it`;
  return `${path}:${line}  ${change}\n    ${code}\n    ${tests}`;
}

/** Writes `mutants.json` and `mutants.txt`. */
export function writeReport(folder: string, results: Results): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'mutants.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  writeFileSync(join(folder, 'mutants.txt'), reportText(results));
}
