import type { Log, LogFields } from '../kernel/log.ts';

const LEVELS = ['error', 'warn', 'info'] as const;

/** One JSON line an entry on standard error, from the given level up. Controls in values are escaped by JSON. */
export function consoleLog(level: 'silent' | 'error' | 'warn' | 'info', nowMs: () => number): Log {
  const most = LEVELS.indexOf(level as (typeof LEVELS)[number]);
  const write = (at: number, message: string, fields: LogFields = {}): void => {
    if (at > most) return;
    const line = { at: new Date(nowMs()).toISOString(), level: LEVELS[at], message, ...fields };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  };
  return {
    error: (message, fields) => write(0, message, fields),
    warn: (message, fields) => write(1, message, fields),
    info: (message, fields) => write(2, message, fields),
  };
}
