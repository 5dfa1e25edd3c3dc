import type { LogFields } from './log.ts';

/** Controls, bidirectional marks and line separators: a name from a file must not command a terminal. */
const UNSAFE = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * An entry of a log for somebody who watches a terminal: the local time of day, the level where it is more than information, the words, and
 * the fields. Longer texts (stack traces) go on below, indented; controls are blanks.
 */
export function terminalLine(
  at: number,
  level: 'error' | 'warn' | 'info',
  message: string,
  fields: LogFields = {},
): string {
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  const [short, long] = [
    shown.filter(([, value]) => !isLong(value)),
    shown.filter(([, value]) => isLong(value)),
  ];
  const head = [timeOfDay(at), level === 'info' ? [] : level.toUpperCase(), plain(message)].flat().join('  ');
  const line = [head, ...short.map(([name, value]) => `${name}=${plain(String(value))}`)].join('  ');
  return [
    line,
    ...long.flatMap(([, value]) =>
      String(value)
        .split('\n')
        .map((text) => `    ${plain(text)}`),
    ),
  ].join('\n');
}

/** `14:05:09`, in the time zone of the machine that shows it. */
function timeOfDay(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

function isLong(value: LogFields[string]): boolean {
  return typeof value === 'string' && value.includes('\n');
}

/** Text that is safe to show in a terminal: one line, without control characters. */
export function plain(text: string): string {
  return text.replace(UNSAFE, ' ');
}
