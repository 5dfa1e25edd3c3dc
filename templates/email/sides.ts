import type { Direction } from '#src/words/languages.ts';

export type Side = 'left' | 'right';

/** Where lines start and end, by physical names: Outlook knows no logical ones. */
export function sidesOf(direction: Direction): { readonly start: Side; readonly end: Side } {
  return direction === 'rtl' ? { start: 'right', end: 'left' } : { start: 'left', end: 'right' };
}
