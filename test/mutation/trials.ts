import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '#test/support/postgres-server.ts';
import { folderInMemory } from '#test/support/temporary.ts';
import {
  type Covering,
  hashOf,
  measureCovering,
  type MeasureOptions,
  testFiles,
  testsThatExecute,
} from './covering.ts';
import { equivalentOf } from './equivalents.ts';
import { described, type Mutant } from './mutants.ts';
import { nearnessIn } from './nearness.ts';
import { runTests, type TestRun } from './test-run.ts';
import { plantTree, type Tree } from './tree.ts';

/** What became of a mutant: a test failed, or none did, or no test executes the place at all, or it is known to change nothing. */
export type Fate = 'noticed' | 'survived' | 'not executed' | 'equivalent';

export interface Trial {
  readonly path: string;
  readonly line: number;
  readonly change: string;
  /** The line as it stands in the source. */
  readonly code: string;
  readonly fate: Fate;
  /** The test that failed first, how else the run ended, or why it changes nothing. */
  readonly by?: string;
  /** How many test files were run, of how many that execute the place. */
  readonly ran: number;
  readonly executing: number;
}

export interface TrialOptions {
  readonly project: string;
  readonly covering: Covering;
  readonly workers: number;
  /** Tests are run for a mutant until they take this long together (in seconds, as they took unchanged). A survivor survived those. */
  readonly mostSeconds: number;
  readonly onTrial?: (trial: Trial, mutant: Mutant) => void;
}

/** Tests that must pass unchanged in each tree, or nothing that fails there says something. They also prepare the databases that others copy. */
const CONTROLS = [
  'test/rules/money.test.ts',
  'test/operations/voids.test.ts',
  'test/db/handle.test.ts',
  'test/cli/postgres.test.ts',
];
/** Many times what the slowest test needs: it ends only what would never end. */
const PROCESSOR_FACTOR = 10;
const LEAST_PROCESSOR_SECONDS = 120;

/** Breaks the product in each way, one at a time in each tree, and runs the tests that execute the place. Answers in the order of the mutants. */
export function tryMutants(mutants: readonly Mutant[], options: TrialOptions): Promise<Trial[]> {
  return inMemory(async (folder) => {
    const postgres = await startPostgres();
    try {
      const trials: Trial[] = [];
      const waiting = mutants.keys();
      const work = async (_: unknown, worker: number): Promise<void> => {
        const bench = benchIn(plantTree(options.project, join(folder, String(worker))), postgres.url);
        await assertControls(bench);
        for (const i of waiting) {
          trials[i] = await tryMutant(mutants[i]!, bench, options);
          options.onTrial?.(trials[i], mutants[i]!);
        }
      };
      await Promise.all(Array.from({ length: Math.min(options.workers, mutants.length) }, work));
      return trials;
    } finally {
      await postgres.stop();
    }
  });
}

/** Like `measureCovering` of all test files, in a copy of the project as mutants are tried in: what would fail there is left out. */
export function measureInTree(project: string, options: MeasureOptions): Promise<Covering> {
  return inMemory((folder) => {
    const { root } = plantTree(project, folder);
    return measureCovering(root, testFiles(root), options);
  });
}

async function inMemory<Answer>(work: (folder: string) => Promise<Answer>): Promise<Answer> {
  const memory = folderInMemory();
  const before = process.env['TMPDIR'];
  if (memory !== undefined) process.env['TMPDIR'] = memory;
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  try {
    return await work(folder);
  } finally {
    rmSync(memory ?? folder, { recursive: true, force: true });
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}

interface Bench {
  readonly tree: Tree;
  readonly nearness: ReturnType<typeof nearnessIn>;
  run(files: readonly string[], mostProcessorSeconds: number): Promise<TestRun>;
}

function benchIn(tree: Tree, postgres: string): Bench {
  const env = { TESTS_POSTGRES: postgres, TMPDIR: tree.temporary };
  return {
    tree,
    nearness: nearnessIn(tree.root),
    run: (files, mostProcessorSeconds) =>
      runTests(tree.root, files, { env, stopEarly: true, mostProcessorSeconds }),
  };
}

async function assertControls({ run }: Bench): Promise<void> {
  const { passed, failures } = await run(CONTROLS, LEAST_PROCESSOR_SECONDS);
  if (!passed) throw new Error(`The tests fail before anything is changed:\n${failures.join('\n')}`);
}

async function tryMutant(mutant: Mutant, bench: Bench, options: TrialOptions): Promise<Trial> {
  const { project, covering, mostSeconds } = options;
  const { path, line } = mutant;
  const text = readFileSync(join(project, path), 'utf8');
  const executing = testsThatExecute(covering, mutant, hashOf(project, path), bench.nearness);
  const files = within(executing, covering, mostSeconds);
  const about = {
    path,
    line,
    change: described(text, mutant),
    code: text.split('\n')[line - 1]!.trim(),
    ran: files.length,
    executing: executing.length,
  };
  const equivalent = equivalentOf(mutant, text);
  if (equivalent !== undefined) return { ...about, ran: 0, fate: 'equivalent', by: equivalent.reason };
  if (files.length === 0) return { ...about, fate: 'not executed' };
  const slowest = Math.max(...files.map((file) => covering[file]!.seconds));
  const bound = Math.max(LEAST_PROCESSOR_SECONDS, Math.ceil(slowest * PROCESSOR_FACTOR));
  const run = await bench.tree.with(mutant, () => bench.run(files, bound));
  return run.passed
    ? { ...about, fate: 'survived' }
    : { ...about, fate: 'noticed', by: run.failures[0] ?? 'the run ended without a failed test' };
}

/** The first of the files that together take no longer than this; one in any case. */
function within(files: readonly string[], covering: Covering, mostSeconds: number): string[] {
  let seconds = 0;
  return files.filter((file, i) => {
    seconds += covering[file]!.seconds;
    return i === 0 || seconds <= mostSeconds;
  });
}
