import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '#src/kernel/errors.ts';
import { type Cursor, cutPage, decodeCursor, encodeCursor, type Page } from '#src/kernel/page.ts';

interface Row {
  readonly value: string;
  readonly id: number;
}

const rows = fc
  .array(fc.constantFrom('a', 'b', 'c', 'ü', ''), { maxLength: 40 })
  .map((values) => values.map((value, id) => ({ value, id })).toSorted(byKey));
const cursor = fc.record({
  direction: fc.constantFrom('after' as const, 'before' as const),
  value: fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
  id: fc.maxSafeInteger(),
});

describe('turning pages', () => {
  test('forwards and backwards visits every row once, in order, whatever the list and the size', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 12 }), (list, size) => {
        const there = walk(list, size, 'next');
        expect(there.flatMap((page) => page.rows)).toEqual(list);
        const back = walk(list, size, 'previous', there.at(-1)?.previous);
        const before = list.slice(0, list.length - (there.at(-1)?.rows.length ?? 0));
        expect(back.toReversed().flatMap((page) => page.rows)).toEqual(before);
      }),
    );
  });

  test('the first page has no page before it, the last none after it', () => {
    const list = Array.from({ length: 7 }, (_, id) => ({ value: 'a', id }));
    const pages = walk(list, 3, 'next');
    expect(pages.map((page) => [page.previous !== undefined, page.next !== undefined])).toEqual([
      [false, true],
      [true, true],
      [true, false],
    ]);
    const first = walk(list, 3, 'previous', pages.at(-1)?.previous).at(-1);
    expect([first?.previous, first?.next !== undefined]).toEqual([undefined, true]);
  });

  test('a list that fits on one page has no other pages, nor has an empty one', () => {
    for (const length of [0, 1, 3]) {
      const list = Array.from({ length }, (_, id) => ({ value: 'a', id }));
      expect(walk(list, 3, 'next')).toEqual([{ rows: list }]);
    }
  });
});

describe('cursors', () => {
  test('are read as they were written, and fit into an address', () => {
    fc.assert(
      fc.property(cursor, (written) => {
        const text = encodeCursor(written);
        expect(text).toMatch(/^[\w-]+$/);
        expect(decodeCursor(text)).toEqual(written);
      }),
    );
  });

  test.each([
    '',
    'abc',
    'null',
    '{}',
    '[1,"a",1]',
    '!!!',
    'é',
    ...[
      'null',
      '{}',
      '[]',
      '[1,"a"]',
      '[1,"a",1,1]',
      '[2,"a",1]',
      '[true,"a",1]',
      '[1,{},1]',
      '[1,[],1]',
    ].map(encoded),
    ...['[1,true,1]', '[1,"a",1.5]', '[1,"a","1"]', '[1,"a",null]', '[1,"a",9007199254740992]'].map(encoded),
    // Well-formed, but not as we write it.
    ...['[1, "a", 1]', '[1,"a",1e0]', '[1,"\\u0061",1]'].map(encoded),
    `${encodeCursor({ direction: 'after', value: 'a', id: 1 })}!`,
    `${encodeCursor({ direction: 'after', value: 'a', id: 1 })}=`,
  ])('“%s” is refused: we did not make it', (text) => {
    expect(() => decodeCursor(text)).toThrow(expect.objectContaining({ code: 'bad_page', status: 400 }));
  });

  test('whatever stands in an address is read or refused, never a crash', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json().map(encoded)), (text) => {
        const read = readOrCode(text);
        expect(read === 'bad_page' || encodeCursor(read) === text).toBe(true);
      }),
    );
  });
});

/** All pages from one on in a direction, read as a query would: `size + 1` rows behind the cursor. */
function walk(
  list: readonly Row[],
  size: number,
  direction: 'next' | 'previous',
  from?: string,
): Page<Row>[] {
  if (direction === 'previous' && from === undefined) return [];
  const pages: Page<Row>[] = [];
  let at = from === undefined ? undefined : decodeCursor(from);
  for (;;) {
    const page = cutPage(readFrom(list, size, at), size, at, (row) => row);
    pages.push(page);
    if (pages.length > list.length + 1) throw new Error('the pages never end');
    const following = page[direction];
    if (following === undefined) return pages;
    at = decodeCursor(following);
  }
}

function readFrom(list: readonly Row[], size: number, at: Cursor | undefined): Row[] {
  if (at === undefined) return list.slice(0, size + 1);
  const edge = { value: String(at.value), id: at.id };
  if (at.direction === 'after') return list.filter((row) => byKey(row, edge) > 0).slice(0, size + 1);
  return list
    .filter((row) => byKey(row, edge) < 0)
    .toReversed()
    .slice(0, size + 1);
}

function byKey(a: Row, b: Row): number {
  return a.value < b.value ? -1 : a.value > b.value ? 1 : a.id - b.id;
}

function encoded(json: string): string {
  return Buffer.from(json).toString('base64url');
}

function readOrCode(text: string): Cursor | 'bad_page' {
  try {
    return decodeCursor(text);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'bad_page') return 'bad_page';
    throw error;
  }
}
