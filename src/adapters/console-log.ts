import type { Log, LogFields } from '../kernel/log.ts';
import { safeJson } from '../kernel/safe-json.ts';
import { terminalLine } from '../kernel/terminal-line.ts';

const LEVELS = ['error', 'warn', 'info'] as const;

/** One entry a line on standard error, from the given level up: for people where a terminal shows it, else JSON for programs. */
export function consoleLog(
  level: 'silent' | 'error' | 'warn' | 'info',
  nowMs: () => number,
  { isTTY = false }: { readonly isTTY?: boolean | undefined } = process.stderr,
): Log {
  const most = LEVELS.indexOf(level as (typeof LEVELS)[number]);
  const write = (at: number, message: string, fields: LogFields = {}): void => {
    const name = LEVELS[at];
    if (at > most || name === undefined) return;
    const line = isTTY
      ? terminalLine(nowMs(), name, message, fields)
      : safeJson({ at: new Date(nowMs()).toISOString(), level: name, message, ...fields });
    process.stderr.write(`${line}\n`);
  };
  return {
    error: (message, fields) => write(0, message, fields),
    warn: (message, fields) => write(1, message, fields),
    info: (message, fields) => write(2, message, fields),
  };
}
