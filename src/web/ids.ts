import { refuse } from '#src/kernel/errors.ts';

/** The id of a row in an address. Refuses `not_found` for what none of ours looks like: engines differ in what they make of that. */
export function rowIdOf(param: string | undefined, what: string): number {
  return /^[1-9]\d{0,14}$/.test(param ?? '') ? Number(param) : refuse('not_found', { what });
}
