import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { z } from 'zod';

/** How a run of some test files went. */
export interface TestRun {
  readonly passed: boolean;
  /** The first line of what is wrong with each test that failed, under its name. */
  readonly failures: readonly string[];
}

export interface TestRunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Stops at the first test that fails, and runs the files in the order given. */
  readonly stopEarly?: boolean;
  /** Processor time that no process of the run may use up: what goes round in circles is ended by the system. */
  readonly mostProcessorSeconds?: number;
}

const Results = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** Runs test files of the tree in `root`, one after the other. */
export async function runTests(
  root: string,
  files: readonly string[],
  { env = {}, stopEarly = false, mostProcessorSeconds }: TestRunOptions = {},
): Promise<TestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'portal-test-run-'));
  const output = join(folder, 'results.json');
  const limit = mostProcessorSeconds === undefined ? '' : `ulimit -t ${mostProcessorSeconds}; `;
  const vitest = [process.execPath, join(root, 'node_modules/vitest/vitest.mjs'), 'run'];
  const config = ['--config', 'test/mutation/vitest.config.ts', '--configLoader=native'];
  const options = [...config, '--reporter=json', `--outputFile=${output}`];
  const bail = stopEarly ? ['--bail=1'] : [];
  try {
    const code = await run(
      'sh',
      ['-c', `${limit}exec "$@"`, 'sh', ...vitest, ...options, ...bail, ...files],
      root,
      {
        ...process.env,
        NODE_ENV: 'test',
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(root, 'node_modules', '.cache', 'node'),
        TEST_FILES: JSON.stringify(files),
        ...env,
      },
    );
    return { passed: code === 0, failures: failuresIn(root, output) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program without its output and answers its exit code; what it leaves running is ended. */
function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: 'ignore', detached: true });
    const end = (): void => killGroup(child.pid);
    process.once('exit', end);
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('exit', end);
      end();
      resolve(code);
    });
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left.
  }
}

function failuresIn(root: string, output: string): string[] {
  if (!existsSync(output)) return ['the run ended without a result'];
  const { testResults } = Results.parse(JSON.parse(readFileSync(output, 'utf8')));
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    const inTests = failed.map(
      (one) => `${relative(root, name)}: ${one.fullName}: ${firstLine(one.failureMessages?.[0])}`,
    );
    return inTests.length > 0 || !message ? inTests : [`${relative(root, name)}: ${firstLine(message)}`];
  });
}

function firstLine(text = ''): string {
  return text.split('\n')[0]!.slice(0, 300);
}
