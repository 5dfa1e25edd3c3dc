import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program on our own terminal and answers its exit code (128 + number when a signal ended it). Signals sent
 * to us reach it. One press of Ctrl-C comes several times (from the terminal to each of us, and again from npm), so
 * a repetition within a second is not passed on.
 */
export function runAttached(program, args, { env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env });
    let last = -Infinity;
    const forward = (signal) => {
      const now = performance.now();
      if (now - last > 1000) child.kill(signal);
      last = now;
    };
    for (const signal of forwarded) process.on(signal, forward);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const name of forwarded) process.off(name, forward);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/**
 * Runs a program without showing what it writes, with a line that says how long it has been at work. Refuses with
 * the end of its output when it fails.
 */
export async function runWithProgress(title, program, args, { env = process.env, cwd } = {}) {
  const started = Date.now();
  const progress = startProgress(title, started);
  let output = '';
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env, cwd });
  const stop = () => child.kill();
  for (const signal of forwarded) process.once(signal, stop);
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve(status ?? 128 + constants.signals[signal]));
  }).finally(() => progress.stop());
  for (const signal of forwarded) process.off(signal, stop);
  if (code !== 0) {
    throw new Error(`${title}: failed (exit code ${code}).\n\n${output.slice(-6000)}`);
  }
  process.stdout.write(`${title}: done in ${seconds(started)}\n`);
}

/** `12.3 s` since a moment in milliseconds. */
export function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

/** On a terminal a line that counts; elsewhere a line at the start and one every ten seconds. */
function startProgress(title, started) {
  const terminal = process.stdout.isTTY;
  process.stdout.write(terminal ? `${title} …` : `${title} …\n`);
  const show = () =>
    process.stdout.write(terminal ? `\r${title} … ${seconds(started)}` : `  … ${seconds(started)}\n`);
  const timer = setInterval(show, terminal ? 500 : 10_000);
  return {
    stop() {
      clearInterval(timer);
      if (terminal) process.stdout.write('\r\u001b[K');
    },
  };
}
