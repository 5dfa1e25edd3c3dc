import { refuse } from '#src/kernel/errors.ts';

/** Every way to pay that a customer may be offered, in the order they are shown; the names are permanent. */
export const WAYS_TO_PAY = ['credit_card', 'ach', 'direct_debit', 'wire_transfer', 'check'] as const;

export type WayToPay = (typeof WAYS_TO_PAY)[number];

/** Each way once, in the order they are shown. Refuses `unknown_method` for a name that is none. */
export function readWays(names: readonly string[]): WayToPay[] {
  const wrong = names.find((name) => !WAYS_TO_PAY.some((way) => way === name));
  if (wrong !== undefined) refuse('unknown_method', { method: wrong, known: WAYS_TO_PAY.join(', ') });
  return WAYS_TO_PAY.filter((way) => names.includes(way));
}

/** The comma list that the tables keep, which is nothing for none. */
export function keptWays(ways: readonly WayToPay[] = []): string | null {
  return ways.length === 0 ? null : ways.join(',');
}

/** What a comma list of the tables names. */
export function waysIn(list: string | null): WayToPay[] {
  const names = (list ?? '').split(',').map((name) => name.trim());
  return WAYS_TO_PAY.filter((way) => names.includes(way));
}
