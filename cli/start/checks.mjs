import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectNode, root } from './install.mjs';
import { runAttached, seconds } from './processes.mjs';

const results = join(root, 'test-results');
const summaryFile = join(results, 'summary.json');
const vitestFile = join(results, 'vitest.json');
const bin = (name) => join(root, 'node_modules', ...name.split('/'));

const checks = [
  { name: 'format', args: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'] },
  { name: 'lint', args: [bin('oxlint/bin/oxlint'), '--deny-warnings'] },
  { name: 'types', args: [bin('astro/bin/astro.mjs'), 'check', '--minimumFailingSeverity', 'hint'] },
];

/** So many of the ways to break the lines that are being worked on are tried. */
const MUTANTS = 8;

/**
 * Format, lint and type checks, then every test, then whether the tests notice when a changed line is broken. With
 * arguments: only vitest, with these. Writes `test-results/summary.json` ({passed, failed, skipped, steps}) where a
 * check counts as one test, and ends with a line that says the same. Answers the exit code.
 */
export async function runChecks(args) {
  mkdirSync(results, { recursive: true });
  rmSync(summaryFile, { force: true });
  rmSync(vitestFile, { force: true });
  const vitest = [
    bin('vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${vitestFile}`,
  ];
  if (args.length > 0) return report([], await runStep('tests', [...vitest, ...args]));
  const steps = [];
  for (const check of checks) steps.push(await runStep(check.name, check.args));
  const coverage = mkdtempSync(join(tmpdir(), 'portal-coverage-'));
  try {
    const tests = await runStep('tests', vitest, { NODE_V8_COVERAGE: coverage });
    const options = ['--changed', String(MUTANTS), '--coverage', coverage, '--seconds', '20'];
    const mutation = [join(root, 'test', 'mutation', 'main.ts'), ...options];
    // Where a test fails already, nothing can be told from its failing.
    if (tests.ok) steps.push(await runStep('mutants', mutation));
    return report(steps, tests);
  } finally {
    rmSync(coverage, { recursive: true, force: true });
  }
}

/** Runs one step on the project's Node and says how it went and how long it took. */
async function runStep(name, args, more = {}) {
  process.stdout.write(`\n== ${name}\n`);
  const started = Date.now();
  const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`;
  const env = {
    ...process.env,
    PATH: path,
    ASTRO_TELEMETRY_DISABLED: '1',
    NODE_ENV: 'test',
    // Every test file is a process that loads the same modules: they are compiled once.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'node'),
    ...more,
  };
  const code = await runAttached(projectNode(), args, { env });
  process.stdout.write(`== ${name}: ${code === 0 ? 'ok' : 'FAILED'} (${seconds(started)})\n`);
  return { name, ok: code === 0, milliseconds: Date.now() - started };
}

function report(steps, vitest) {
  const tests = countTests(vitest.ok);
  const passed = steps.filter((step) => step.ok).length + tests.passed;
  const failed = steps.filter((step) => !step.ok).length + tests.failed;
  const summary = { passed, failed, skipped: tests.skipped, steps: [...steps, vitest] };
  writeFileSync(summaryFile, `${JSON.stringify(summary, null, 2)}\n`);
  process.stdout.write(`\nsummary: passed=${passed} failed=${failed} skipped=${tests.skipped}\n`);
  return failed === 0 ? 0 : 1;
}

/** Vitest's own figures. A run that failed without a failed test (a file that does not load, say) counts as one. */
function countTests(ok) {
  if (!existsSync(vitestFile)) return { passed: 0, failed: ok ? 0 : 1, skipped: 0 };
  const figures = JSON.parse(readFileSync(vitestFile, 'utf8'));
  return {
    passed: figures.numPassedTests,
    failed: ok ? figures.numFailedTests : Math.max(1, figures.numFailedTests),
    skipped: figures.numPendingTests + figures.numTodoTests,
  };
}
