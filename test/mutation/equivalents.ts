import { z } from 'zod';
import { described, type Mutant } from './mutants.ts';
import known from './equivalents.json' with { type: 'json' };

/** A change by which nothing that the product promises becomes different, and why. */
export interface Equivalent {
  readonly path: string;
  /** The line of the source, as it stands there without its indentation. */
  readonly code: string;
  /** As the report writes it. */
  readonly change: string;
  readonly reason: string;
}

/** What was looked at and found to be no fault. A test holds that each still names a change that can be made. */
export const EQUIVALENTS: readonly Equivalent[] = z
  .array(
    z.strictObject({ path: z.string(), code: z.string(), change: z.string(), reason: z.string().min(15) }),
  )
  .parse(known);

/** The entry that names a mutant, if one does. */
export function equivalentOf(mutant: Mutant, text: string): Equivalent | undefined {
  const change = described(text, mutant);
  const code = text.split('\n')[mutant.line - 1]!.trim();
  return EQUIVALENTS.find((one) => one.path === mutant.path && one.change === change && one.code === code);
}
