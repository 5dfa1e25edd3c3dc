import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { sha256 } from '#src/kernel/digest.ts';
import { AREAS, filesOf } from './areas.ts';
import { executedIn, type Gaps, isExecuted } from './executed.ts';
import type { Mutant } from './mutants.ts';
import { runTests } from './test-run.ts';

/** What one test file executes of what is mutated, and how long it takes by itself. */
interface Covered {
  /** Of the test file as it was. */
  readonly hash: string;
  readonly seconds: number;
  /** By path: the source's hash as it was, and what of it is never executed. */
  readonly sources: Readonly<Record<string, { readonly hash: string; readonly gaps: Gaps }>>;
}
const TestFile = z.object({ path: z.string(), seconds: z.number() });
/** By the test file's path. */
export type Covering = Readonly<Record<string, Covered>>;

/** Tests that start browsers and drills take minutes and are left out: what only they would notice counts as not noticed. */
const LEFT_OUT = ['test/browser/**', 'test/drill/**'];
const CHUNK = 6;

/** Every test file that may notice a mutant, from the project's folder. */
export function testFiles(root: string): string[] {
  return globSync('test/**/*.test.ts', { cwd: root, exclude: LEFT_OUT }).toSorted();
}

export interface MeasureOptions {
  /** What is known already: what has not changed since is not run again. */
  readonly former: Covering;
  /** So many test files run at once. */
  readonly workers: number;
  /** Gets what is known by then. */
  readonly keep: (covering: Covering) => void;
}

/** Runs test files once, as they are, to see what each executes. One that fails is left out and named: a mutant could not be told from it. */
export async function measureCovering(
  root: string,
  files: readonly string[],
  { former, workers, keep }: MeasureOptions,
): Promise<Covering> {
  const wanted = new Map(files.map((path) => [path, hashOf(root, path)]));
  let known: Covering = Object.fromEntries(
    Object.entries(former).filter(([path, { hash }]) => wanted.get(path) === hash),
  );
  const missing = files.filter((path) => !(path in known));
  const chunks = Array.from({ length: Math.ceil(missing.length / CHUNK) }, (_, i) =>
    missing.slice(i * CHUNK, (i + 1) * CHUNK),
  ).values();
  const work = async (): Promise<void> => {
    for (const chunk of chunks) {
      const measured = await measure(root, chunk);
      known = { ...known, ...measured };
      keep(known);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return known;
}

/**
 * The test files that execute a place: those first that import its file, then those that import what imports it, and of these the quick ones
 * that execute little else. Where the source has changed since, those that execute anything of its file.
 */
export function testsThatExecute(
  covering: Covering,
  { path, start }: Mutant,
  hash: string,
  nearness: (test: string, source: string) => number,
): string[] {
  return Object.entries(covering)
    .filter(([, { sources }]) => {
      const source = sources[path];
      return source !== undefined && (source.hash !== hash || isExecuted(source.gaps, start));
    })
    .map(([test, { seconds, sources }]) => ({
      test,
      distance: nearness(test, path),
      cost: (seconds + 1) * Object.keys(sources).length,
    }))
    .toSorted((a, b) => a.distance - b.distance || a.cost - b.cost || (a.test < b.test ? -1 : 1))
    .map(({ test }) => test);
}

/** The hash by which a file is known again. */
export function hashOf(root: string, path: string): string {
  return sha256(readFileSync(join(root, path), 'utf8')).slice(0, 16);
}

async function measure(root: string, files: readonly string[]): Promise<Covering> {
  const folder = mkdtempSync(join(tmpdir(), 'portal-covering-'));
  try {
    const { passed, failures } = await runTests(root, files, { env: { NODE_V8_COVERAGE: folder } });
    if (!passed && failures.length === 0) throw new Error(`These tests cannot be run: ${files.join(', ')}`);
    for (const failure of failures) process.stderr.write(`Left out, because it fails as it is: ${failure}\n`);
    const failing = new Set(failures.map((failure) => failure.split(': ')[0]));
    const covering = Object.entries(readCovering(root, folder));
    return Object.fromEntries(covering.filter(([test]) => !failing.has(test)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the coverage says that test files wrote to a folder, see `setup.ts`. */
export function readCovering(root: string, folder: string): Covering {
  const mutable = new Set(AREAS.flatMap((area) => filesOf(area, root)));
  const processes = globSync('*/test-file.json', { cwd: folder }).map(dirname);
  return Object.fromEntries(
    processes.map((pid) => {
      const { path, seconds } = TestFile.parse(readJson(join(folder, pid, 'test-file.json')));
      const reports = globSync([`coverage-${pid}-*.json`, `${pid}/coverage-*.json`], { cwd: folder });
      const executed = executedIn(
        reports.map((name) => join(folder, name)),
        root,
        (source) => mutable.has(source),
      );
      const sources = [...executed].map(
        ([source, gaps]) => [source, { hash: hashOf(root, source), gaps }] as const,
      );
      const test = relative(root, path);
      return [test, { hash: hashOf(root, test), seconds, sources: Object.fromEntries(sources) }] as const;
    }),
  );
}

/** What was measured before; nothing when there is none. */
export function loadCovering(file: string): Covering {
  try {
    return readJson(file) as Covering;
  } catch {
    return {};
  }
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function saveCovering(file: string, covering: Covering): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, JSON.stringify(covering));
}
