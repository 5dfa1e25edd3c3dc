/*
 * npm run mutate [-- --sample 450] [--seed N] [--area NAME] [--file PART] [--again|--rest] [--workers 2] [--seconds 60] [--remeasure]: breaks the product in
 * small ways, one at a time, and says which of them no test notices. --again tries only those that nobody noticed the last time, --rest goes on with a sample that was stopped. Writes
 * test-results/mutation/mutants.{json,txt} and ends with 1 when an area falls short of what is wanted there.
 *
 * --changed N --coverage FOLDER: the quick form of npm test, for at most N mutants of the lines that are being worked on.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { diceOf } from '#test/drill/dice.ts';
import { AREAS, filesOf } from './areas.ts';
import { changedLines } from './changed.ts';
import { type Covering, loadCovering, readCovering, saveCovering } from './covering.ts';
import { described, type Mutant } from './mutants.ts';
import { areaResult, isMissed, lineOf, reportText, type Results, writeReport } from './report.ts';
import { drawn, sampleOf, stockOf } from './sample.ts';
import { measureInTree, type Trial, tryMutants } from './trials.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(project, 'test-results', 'mutation');
const { values } = parseArgs({
  options: {
    sample: { type: 'string', default: '450' },
    seed: { type: 'string' },
    area: { type: 'string' },
    file: { type: 'string' },
    again: { type: 'boolean', default: false },
    rest: { type: 'boolean', default: false },
    remeasure: { type: 'boolean', default: false },
    workers: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '60' },
    changed: { type: 'string' },
    coverage: { type: 'string' },
  },
});
process.exitCode = values.changed === undefined ? await sample() : await changed(Number(values.changed));

async function sample(): Promise<number> {
  const last = values.again || values.rest ? lastResults() : undefined;
  const seed = last?.seed ?? Number(values.seed ?? Date.now() % 1_000_000);
  const tried = values.rest ? last!.trials : [];
  const mutants = values.again
    ? among(stocked(), last!.trials.filter(isMissed))
    : without(newSample(seed), tried);
  say(`${mutants.length} mutants, seed ${seed}. What does each test file execute?`);
  const file = join(folder, 'covering.json');
  const known = values.remeasure ? {} : loadCovering(file);
  const covering = await measureInTree(project, {
    former: known,
    workers: Number(values.workers),
    keep: (all) => saveCovering(file, all),
  });
  // In any order, so that a run that is stopped has tried a fair choice; what is known by then is written.
  const done: Trial[] = [...tried];
  await run(drawn(mutants, mutants.length, diceOf(seed), 'shuffled'), covering, (trial) => {
    done.push(trial);
    writeReport(folder, resultsOf(seed, done));
  });
  const results = resultsOf(seed, done);
  process.stdout.write(`\n${reportText(results)}`);
  return results.areas.every(({ percent, wanted }) => percent >= wanted) ? 0 : 1;
}

function resultsOf(seed: number, done: readonly Trial[]): Results {
  const trials = done.toSorted((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1));
  const areas = AREAS.map((area) => {
    const files = new Set(filesOf(area, project));
    return areaResult(
      area,
      trials.filter(({ path }) => files.has(path)),
    );
  });
  return { seed, date: new Date().toISOString(), areas: areas.filter(({ tried }) => tried > 0), trials };
}

/** Says what of the lines being worked on no test notices. So few say little: it fails where that is more than half of them, and more than one. */
async function changed(most: number): Promise<number> {
  const lines = changedLines(project);
  const stock = stockOf(project).flatMap(({ mutants }) => mutants);
  const mutants = stock.filter(({ path, line }) => lines.get(path)?.has(line));
  if (mutants.length === 0) {
    say('No line of what is mutated was changed.');
    return 0;
  }
  const covering = readCovering(project, values.coverage!);
  const trials = await run(drawn(mutants, most, diceOf(mutants.length)), covering);
  const missed = trials.filter(isMissed);
  say(
    `${trials.length} of ${mutants.length} mutants of the changed lines tried, ${missed.length} not noticed`,
  );
  return missed.length > Math.max(1, trials.length / 2) ? 1 : 0;
}

function run(
  mutants: readonly Mutant[],
  covering: Covering,
  keep: (trial: Trial) => void = () => {},
): Promise<Trial[]> {
  const options = { workers: Number(values.workers), mostSeconds: Number(values.seconds) };
  const onTrial = (trial: Trial): void => {
    tell(trial);
    keep(trial);
  };
  return tryMutants(mutants, { project, covering, ...options, onTrial });
}

function tell(trial: Trial): void {
  const { fate, path, line, change } = trial;
  say(isMissed(trial) ? `NOT NOTICED ${lineOf(trial)}` : `${fate} ${path}:${line}  ${change}`);
}

function newSample(seed: number): Mutant[] {
  const stocks = stockOf(project);
  if (values.area === undefined && values.file === undefined)
    return sampleOf(stocks, Number(values.sample), diceOf(seed));
  const wanted = stocks
    .filter(({ area }) => values.area === undefined || area.name === values.area)
    .flatMap((stock) => stock.mutants)
    .filter(({ path }) => path.includes(values.file ?? ''));
  return drawn(wanted, Number(values.sample), diceOf(seed));
}

function lastResults(): Results {
  return JSON.parse(readFileSync(join(folder, 'mutants.json'), 'utf8')) as Results;
}

function stocked(): Mutant[] {
  return stockOf(project).flatMap(({ mutants }) => mutants);
}

/** Those that were tried before, as far as the product can still be broken like that. */
function among(mutants: readonly Mutant[], trials: readonly Trial[]): Mutant[] {
  const keys = new Set(trials.map(({ path, code, change }) => `${path}\n${code}\n${change}`));
  return mutants.filter((mutant) => keys.has(keyOf(mutant)));
}

function without(mutants: readonly Mutant[], trials: readonly Trial[]): Mutant[] {
  const before = new Set(among(mutants, trials).map(keyOf));
  return mutants.filter((mutant) => !before.has(keyOf(mutant)));
}

/** What a mutant is told by where lines have moved. */
function keyOf(mutant: Mutant): string {
  const text = readFileSync(join(project, mutant.path), 'utf8');
  const code = text.split('\n')[mutant.line - 1]!.trim();
  return `${mutant.path}\n${code}\n${described(text, mutant)}`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
