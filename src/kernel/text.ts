import { refuse } from './errors.ts';

/** Whether every engine keeps the text as it is: PostgreSQL knows no U+0000, and halves of a surrogate pair are no characters. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Refuses `bad_text` where a value, however deep, holds text that cannot be stored. */
export function assertStorable(value: unknown): void {
  if (typeof value === 'string') {
    if (!isStorable(value)) refuse('bad_text');
  } else if (Array.isArray(value)) {
    for (const one of value) assertStorable(one);
  } else if (typeof value === 'object' && value !== null) {
    for (const pair of Object.entries(value)) assertStorable(pair);
  }
}

/** The text without what cannot be stored, to be shown to whoever wrote it. */
export function storablePart(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}
