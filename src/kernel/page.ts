import { refuse } from './errors.ts';

/** A stretch of a sorted list, cut by key and not by offset: page 4,000 costs what page 1 costs. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Cursor of the following page, absent on the last. */
  readonly next?: string;
  /** Cursor of the page before, absent on the first. */
  readonly previous?: string;
}

export type Direction = 'after' | 'before';

/** The sort key of a row at a page's edge: the sorted value and the id that breaks ties. */
export interface Cursor {
  readonly direction: Direction;
  readonly value: string | number | null;
  readonly id: number;
}

export function encodeCursor(cursor: Cursor): string {
  const { direction, value, id } = cursor;
  return Buffer.from(JSON.stringify([direction === 'after' ? 1 : 0, value, id])).toString('base64url');
}

/** Refuses `bad_page` for anything that `encodeCursor` did not make. */
export function decodeCursor(text: string): Cursor {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (Array.isArray(parts) && parts.length === 3) {
      const [after, value, id] = parts as unknown[];
      const plain = value === null || typeof value === 'string' || typeof value === 'number';
      if ((after === 0 || after === 1) && plain && Number.isSafeInteger(id)) {
        const cursor: Cursor = { direction: after ? 'after' : 'before', value, id: id as number };
        if (encodeCursor(cursor) === text) return cursor;
      }
    }
  } catch {
    // Not ours: refused below.
  }
  return refuse('bad_page');
}

/**
 * Turns up to `size + 1` rows, read in the cursor's direction, into a page in list order with its two cursors.
 * `keyOf` gives the sorted value and id of a row.
 */
export function cutPage<Row>(
  found: readonly Row[],
  size: number,
  from: Cursor | undefined,
  keyOf: (row: Row) => { value: string | number | null; id: number },
): Page<Row> {
  const backwards = from?.direction === 'before';
  const more = found.length > size;
  const kept = found.slice(0, size);
  const rows = backwards ? kept.toReversed() : kept;
  const first = rows[0];
  const last = rows.at(-1);
  const hasNext = backwards ? true : more;
  const hasPrevious = backwards ? more : from !== undefined;
  return {
    rows,
    ...(hasNext && last !== undefined ? { next: encodeCursor({ direction: 'after', ...keyOf(last) }) } : {}),
    ...(hasPrevious && first !== undefined
      ? { previous: encodeCursor({ direction: 'before', ...keyOf(first) }) }
      : {}),
  };
}
