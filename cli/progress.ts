import { plain } from '#src/kernel/terminal-line.ts';
import { fitted } from './text.ts';

/** One line on stderr that is written over; nothing where stderr is no terminal. */
export interface ProgressLine {
  show(text: string): void;
  clear(): void;
}

const BAR = 24;

export function progressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  if (!stream.isTTY) return { show: () => {}, clear: () => {} };
  return {
    show: (text) => void stream.write(`\r\u001b[K${fitted(plain(text), (stream.columns || 80) - 1)}`),
    clear: () => void stream.write('\r\u001b[K'),
  };
}

/** `[████████░░░░]  33%  customers.csv`. `share` is 0 to 1. */
export function barText(share: number, label: string): string {
  const whole = Math.min(1, Math.max(0, share));
  const full = Math.round(whole * BAR);
  return `[${'█'.repeat(full)}${'░'.repeat(BAR - full)}] ${String(Math.floor(whole * 100)).padStart(3)}%  ${label}`;
}
