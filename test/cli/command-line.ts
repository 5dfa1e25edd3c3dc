import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { runHere } from '#test/support/in-process.ts';

const PORTAL = fileURLToPath(new URL('../../cli/portal', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command in a data folder of its own; the folder goes when the test ends. */
export interface CommandLine {
  readonly data: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs it in this process, one after the other. */
  run(...args: string[]): Promise<Finished>;
  /** Runs it as a process of its own, as an operator does, with this typed into it. */
  runWith(input: string, ...args: string[]): Promise<Finished>;
  /** Runs it with `--json`, and answers what it printed; throws when it fails. */
  json(...args: string[]): Promise<unknown>;
}

export function commandLine(extra: Record<string, string> = {}): CommandLine {
  const data = mkdtempSync(join(tmpdir(), 'portal-cli-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  return commandLineIn(data, extra);
}

export function commandLineIn(data: string, extra: Record<string, string> = {}): CommandLine {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, PORTAL_DATA: data, PORTAL_BASE_URL: 'http://localhost:4321', ...extra };
  const run = (...args: string[]): Promise<Finished> => runHere(args, { ...NONE, ...env });
  const runWith = (input: string, ...args: string[]): Promise<Finished> => finish(args, env, input);
  return {
    data,
    env,
    runWith,
    run,
    json: async (...args) => {
      const done = await run(...args, '--json');
      if (done.code !== 0)
        throw new Error(`portal ${args.join(' ')} ended with ${done.code}: ${done.stderr}`);
      return JSON.parse(done.stdout);
    },
  };
}

/** What it says, as a process of its own, where its messages go to a terminal. */
export function onTerminal(portal: CommandLine, ...args: string[]): Promise<Finished> {
  const pretend = 'data:text/javascript,process.stderr.isTTY=true';
  return commandLineIn(portal.data, { NODE_OPTIONS: `--import=${pretend}` }).runWith('', ...args);
}

/** What an environment of the machine might say, unsaid. */
const NONE = { PORTAL_SECRET: undefined, PORTAL_DATABASE_URL: undefined };

function finish(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input: string,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(PORTAL, args, { env, stdio: 'pipe' });
    const texts = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...texts }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
