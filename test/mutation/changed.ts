import { execFileSync } from 'node:child_process';

/** By path the lines, counted from 1, that are new or different. */
export type ChangedLines = ReadonlyMap<string, ReadonlySet<number>>;

/**
 * What is being worked on: everything since the work left the main branch, and what is not committed yet. On the main branch itself, the last
 * commit. Nothing where git is missing, or has no history to compare with.
 */
export function changedLines(project: string): ChangedLines {
  const git = (...args: string[]): string | undefined => {
    try {
      return execFileSync('git', args, {
        cwd: project,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch {
      return undefined;
    }
  };
  const head = git('rev-parse', 'HEAD')?.trim();
  const left = ['origin/HEAD', 'origin/main', 'main']
    .map((branch) => git('merge-base', 'HEAD', branch)?.trim())
    .find((base) => base !== undefined && base !== head);
  const isDirty = git('status', '--porcelain', '--untracked-files=no') !== '';
  const base = left ?? (isDirty ? 'HEAD' : 'HEAD~1');
  return linesOfDiff(
    git('diff', '--unified=0', '--no-color', '--no-ext-diff', base, '--', 'src', 'db') ?? '',
  );
}

/** Reads a unified diff without context. */
export function linesOfDiff(diff: string): ChangedLines {
  const changed = new Map<string, Set<number>>();
  let path: string | undefined;
  for (const line of diff.split('\n')) {
    if (line.startsWith('+++ ')) path = line.startsWith('+++ b/') ? line.slice(6) : undefined;
    const place = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (path === undefined || place === null) continue;
    const lines = changed.get(path) ?? new Set();
    for (let i = 0; i < Number(place[2] ?? 1); i += 1) lines.add(Number(place[1]) + i);
    changed.set(path, lines);
  }
  return changed;
}
