import type { MerchantScope } from '#src/scope.ts';
import type { ImportProblem } from './problems.ts';
import { quotable } from './problems.ts';

/** How many numbers are held to be compared with: a file may have any number of them. */
const MOST_HELD = 100_000;

/**
 * Numbers that a person would take for the same one: other case, spaces, hyphens, full-width letters. They are different numbers all the same, so that
 * nothing is refused; but who sees INV-7 and inv-7 should know it before they are kept.
 */
export class Twins {
  readonly #seen = new Map<string, string>();

  /** Of the numbers on these lines, those that look like another of the file or like one that the tenant has. */
  async among(
    merchant: MerchantScope,
    table: 'invoices' | 'customers',
    file: string,
    numbered: ReadonlyArray<{ readonly line: number; readonly number: string }>,
  ): Promise<ImportProblem[]> {
    const stored = await this.#stored(
      merchant,
      table,
      numbered.map(({ number }) => number),
    );
    return numbered.flatMap(({ line, number }) => {
      const key = look(number);
      const first = this.#seen.get(key);
      const twin = first ?? stored.get(key)?.find((other) => other !== number);
      if (this.#seen.size < MOST_HELD && !this.#seen.has(key)) this.#seen.set(key, number);
      return twin === undefined || twin === number ? [] : [twinNotice(file, line, number, twin)];
    });
  }

  /** Numbers of the tenant that are written in one of the usual other ways, by what they look like. */
  async #stored(
    { db }: MerchantScope,
    table: 'invoices' | 'customers',
    numbers: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const others = [...new Set(numbers.flatMap(otherWays))];
    if (others.length === 0) return new Map();
    const rows = await db.from(table).select('number').where('number', 'in', others).execute();
    return Map.groupBy(
      rows.map(({ number }) => number),
      look,
    );
  }
}

/** What is left of a number for somebody who reads it: `INV‑7 ` and `inv -7` are `inv-7`. */
function look(number: string): string {
  return number
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s\p{Cf}]/gu, '')
    .replaceAll(/\p{Pd}|−/gu, '-');
}

function otherWays(number: string): string[] {
  const bare = look(number);
  return [bare, bare.toUpperCase(), number.toUpperCase(), number.toLowerCase()].filter(
    (other) => other !== number,
  );
}

function twinNotice(file: string, line: number, number: string, twin: string): ImportProblem {
  return {
    file,
    line,
    value: quotable(number),
    reason: `The number “${shown(number)}” looks like “${shown(twin)}”.`,
    hint: 'They are two; make them the same if they should be one.',
  };
}

/** With a name for what cannot be seen: a space, a hyphen that is another one. */
function shown(number: string): string {
  return quotable(
    number.replaceAll(
      /(?![ -])[\p{Pd}\p{Cf}\p{Zs}−]/gu,
      (sign) => `${sign}(U+${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')})`,
    ),
  );
}
