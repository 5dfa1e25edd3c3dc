import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dice } from '#test/drill/dice.ts';
import { type Area, AREAS, filesOf } from './areas.ts';
import { type Mutant, mutantsOf } from './mutants.ts';

/** No area's part of a sample is so small that its percentage says nothing. */
const LEAST_OF_AREA = 40;

/** An area with everything that can be broken in it. */
export interface Stock {
  readonly area: Area;
  readonly mutants: readonly Mutant[];
}

/** Everything that can be broken in the project. */
export function stockOf(project: string): Stock[] {
  return AREAS.map((area) => ({
    area,
    mutants: filesOf(area, project).flatMap((path) =>
      mutantsOf(path, readFileSync(join(project, path), 'utf8')),
    ),
  }));
}

/** `size` mutants or some more: of each area as many as its share of all, but no fewer than say something. */
export function sampleOf(stocks: readonly Stock[], size: number, dice: Dice): Mutant[] {
  const all = stocks.reduce((sum, { mutants }) => sum + mutants.length, 0);
  return stocks.flatMap(({ mutants }) => {
    const share = Math.round((size * mutants.length) / Math.max(1, all));
    return drawn(mutants, Math.max(share, LEAST_OF_AREA), dice);
  });
}

/** As many of the mutants as asked for, each with the same chance, in the order of the text or as they were drawn. */
export function drawn(
  mutants: readonly Mutant[],
  count: number,
  dice: Dice,
  order: 'sorted' | 'shuffled' = 'sorted',
): Mutant[] {
  const left = mutants.map((_, i) => i);
  const taken = Array.from(
    { length: Math.min(count, left.length) },
    () => left.splice(dice(left.length), 1)[0]!,
  );
  return (order === 'sorted' ? taken.toSorted((a, b) => a - b) : taken).map((i) => mutants[i]!);
}
