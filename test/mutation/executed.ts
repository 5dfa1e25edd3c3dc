import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Pairs of offsets, in order: what stands between the two of a pair was never executed. */
export type Gaps = readonly number[];

const Report = z.object({
  result: z.array(
    z.object({
      url: z.string(),
      functions: z.array(
        z.object({
          ranges: z.array(z.object({ startOffset: z.number(), endOffset: z.number(), count: z.number() })),
        }),
      ),
    }),
  ),
});
type Ranges = ReadonlyArray<{
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}>;

/** What V8 says that some processes executed of the files below `root` that `isWanted`, by their paths from there. */
export function executedIn(
  reports: readonly string[],
  root: string,
  isWanted: (path: string) => boolean,
): Map<string, Gaps> {
  const painted = new Map<string, Uint8Array>();
  for (const report of reports) {
    for (const { url, functions } of Report.parse(JSON.parse(readFileSync(report, 'utf8'))).result) {
      const path = pathBelow(root, url);
      if (path === undefined || !isWanted(path)) continue;
      const ranges = functions.flatMap((one) => one.ranges);
      add(painted, path, painting(ranges));
    }
  }
  return new Map([...painted].map(([path, paint]) => [path, gapsOf(paint)]));
}

/** Whether the place was executed. */
export function isExecuted(gaps: Gaps, offset: number): boolean {
  for (let i = 0; i < gaps.length; i += 2) if (gaps[i]! <= offset && offset < gaps[i + 1]!) return false;
  return true;
}

function pathBelow(root: string, url: string): string | undefined {
  if (!url.startsWith('file://')) return undefined;
  const path = fileURLToPath(url);
  return path.startsWith(root) ? path.slice(root.length) : undefined;
}

/** A byte for each letter, 1 where it was executed. Ranges lie in one another; the innermost counts. */
function painting(ranges: Ranges): Uint8Array {
  const paint = new Uint8Array(Math.max(0, ...ranges.map(({ endOffset }) => endOffset)));
  const outerFirst = ranges.toSorted((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  for (const { startOffset, endOffset, count } of outerFirst)
    paint.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return paint;
}

/** What any of the processes executed counts. */
function add(all: Map<string, Uint8Array>, path: string, paint: Uint8Array): void {
  const former = all.get(path);
  if (former === undefined) all.set(path, paint);
  else for (let i = 0; i < former.length; i += 1) former[i] = former[i]! | (paint[i] ?? 0);
}

function gapsOf(paint: Uint8Array): number[] {
  const gaps: number[] = [];
  for (let i = 0; i < paint.length;) {
    const next = paint.indexOf(paint[i] === 0 ? 1 : 0, i);
    const end = next < 0 ? paint.length : next;
    if (paint[i] === 0) gaps.push(i, next < 0 ? Number.MAX_SAFE_INTEGER : end);
    i = end;
  }
  return gaps;
}
