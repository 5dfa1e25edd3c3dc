import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Blob, Face } from 'harfbuzzjs';
import decompress from 'wawoff2/decompress.js';

/** Whose forms of Chinese characters are drawn: one code point is written differently in China, Taiwan, Japan and Korea. */
export type Region = 'sc' | 'tc' | 'jp' | 'kr';

/** One file of a family, decoded: a font with some of the family's letters. */
export interface Slice {
  /** Unique over all families. */
  readonly name: string;
  readonly sfnt: Buffer;
  /** Whether it has the axis `wght`. */
  readonly isVariable: boolean;
  readonly letters: ReadonlySet<number>;
}

/** A stretch of code points, both ends included, and the slice that has them. */
type Stretch = readonly [first: number, last: number, slice: string];

const packages = createRequire(import.meta.url);
const scripts =
  'arabic hebrew devanagari bengali tamil telugu kannada sinhala thai khmer myanmar ethiopic'.split(' ');
/** Families that come at fixed weights alone; they are drawn at the regular one. */
const fixed: ReadonlySet<string> = new Set(['myanmar']);
const regions: readonly Region[] = ['sc', 'tc', 'jp', 'kr'];
/** Decoded slices kept for the next document; each is some 100 KB. */
const mostKept = 48;
const kept = new Map<string, Promise<Slice>>();
const stretches = new Map<string, Promise<readonly Stretch[]>>();

/** The first slice that has a code point, Chinese characters in the region's form where it has one; undefined when none has. */
export async function sliceFor(codePoint: number, region: Region): Promise<Slice | undefined> {
  for (const family of [...scripts, region, ...regions.filter((other) => other !== region)]) {
    for (const [first, last, name] of await stretchesOf(family)) {
      if (codePoint < first || codePoint > last) continue;
      const slice = await sliceOf(family, name);
      if (slice.letters.has(codePoint)) return slice;
    }
  }
  return undefined;
}

/** Which code points each slice of a family may have, as its style sheet tells browsers (CSS `unicode-range`). */
function stretchesOf(family: string): Promise<readonly Stretch[]> {
  return remember(stretches, family, async () => {
    const ranges: unknown = JSON.parse(
      await readFile(packages.resolve(`${packageOf(family)}/unicode.json`), 'utf8'),
    );
    const slices = Object.entries(ranges as Record<string, string>);
    const own = slices.filter(([slice]) => slice === family || slice.startsWith('['));
    return own.flatMap(([slice, list]) =>
      list.split(',').map((range) => stretchOf(range, slice.replace(/[[\]]/g, ''))),
    );
  });
}

/** `U+20a0-20ab` or `U+2113`. */
function stretchOf(range: string, slice: string): Stretch {
  const [first = '', last = first] = range.replace(/^U\+/i, '').split('-');
  return [Number.parseInt(first, 16), Number.parseInt(last, 16), slice];
}

function sliceOf(family: string, slice: string): Promise<Slice> {
  const name = `noto-sans-${family}-${slice}`;
  const reading = remember(kept, name, async () => {
    const file = packages.resolve(
      `${packageOf(family)}/files/${name}-${fixed.has(family) ? 400 : 'wght'}-normal.woff2`,
    );
    const sfnt = Buffer.from(await decompress(await readFile(file)));
    return {
      name,
      sfnt,
      isVariable: !fixed.has(family),
      letters: new Set(new Face(new Blob(sfnt)).collectUnicodes()),
    };
  });
  for (const oldest of kept.keys()) {
    if (kept.size <= mostKept) break;
    kept.delete(oldest);
  }
  return reading;
}

function packageOf(family: string): string {
  return `${fixed.has(family) ? '@fontsource' : '@fontsource-variable'}/noto-sans-${family}`;
}

/** The value of a key, made once and moved to the newest place; a failure is forgotten. */
function remember<T>(store: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const value = store.get(key) ?? make();
  store.delete(key);
  store.set(key, value);
  value.catch(() => store.delete(key));
  return value;
}
