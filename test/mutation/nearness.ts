import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** How many imports lie between a test file and a source, counted from 1; farther than this is far. */
const FAR = 3;
/** What a file imports when it runs; types are no way to break anything. */
const IMPORT = /^(?:import|export)\s(?!type\s)[^;]*?from '([#.][^']+)'/gm;

/** How near the sources of a project are to its files, by what imports what. Files are read once. */
export function nearnessIn(root: string): (from: string, to: string) => number {
  const imports = new Map<string, readonly string[]>();
  const distances = new Map<string, ReadonlyMap<string, number>>();
  const importsOf = (path: string): readonly string[] => {
    const found = imports.get(path) ?? readImports(root, path);
    imports.set(path, found);
    return found;
  };
  return (from, to) => {
    const known = distances.get(from) ?? distancesFrom(from, importsOf);
    distances.set(from, known);
    return known.get(to) ?? FAR;
  };
}

function distancesFrom(from: string, importsOf: (path: string) => readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  let edge: readonly string[] = [from];
  for (let distance = 1; distance < FAR; distance += 1) {
    edge = [...new Set(edge.flatMap(importsOf))].filter((path) => !found.has(path));
    for (const path of edge) found.set(path, distance);
  }
  return found;
}

function readImports(root: string, path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8');
  return [...text.matchAll(IMPORT)]
    .map(([, name = '']) => (name.startsWith('#') ? name.slice(1) : normalize(join(dirname(path), name))))
    .filter((name) => name.endsWith('.ts'));
}
