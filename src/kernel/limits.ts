import { refuse } from './errors.ts';

/*
 * How long things may be, whatever door they come through. Numbers are keys, and PostgreSQL's index takes no longer ones; the others are far above what
 * people write, and below what makes a page, a mail or a PDF stand still.
 */

/** Characters (UTF-16), by what a field is. */
export const LONGEST = { number: 100, short: 300, name: 500, text: 10_000, data: 200_000 } as const;

/** What is wrong with an input, by field. */
export type Faults = Readonly<Record<string, string>>;

/** Those of the fields that are longer than that. */
export function tooLong(
  fields: Readonly<Record<string, string | null | undefined>>,
  longest: number,
): Faults {
  const faults: Record<string, string> = {};
  for (const field in fields) {
    const length = fields[field]?.length ?? 0;
    if (length > longest) faults[field] = lengthText(length, longest);
  }
  return faults;
}

/** Stops with `bad_input` where there are any. */
export function refuseFaults(faults: Faults): void {
  if (Object.keys(faults).length > 0) refuse('bad_input', faults);
}

function lengthText(length: number, longest: number): string {
  return `has ${length.toLocaleString('en')} characters, of which ${longest.toLocaleString('en')} are possible`;
}
