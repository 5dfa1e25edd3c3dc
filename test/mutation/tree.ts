import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutant, mutated } from './mutants.ts';

/** Everything that tests read, but for the packages, which are shared. */
const CONTENT = [
  'src',
  'db',
  'cli',
  'templates',
  'test',
  'dist',
  'README.md',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'vitest.config.ts',
  'astro.config.mjs',
];

/** A copy of the project in which one thing at a time is broken. */
export interface Tree {
  readonly root: string;
  /** Where the tests that run in it keep their temporary files. */
  readonly temporary: string;
  /** Breaks one thing while the work runs, and mends it. */
  with<Answer>(mutant: Mutant, work: () => Promise<Answer>): Promise<Answer>;
}

/** Copies the project into `folder`. */
export function plantTree(project: string, folder: string): Tree {
  const root = join(folder, 'tree/');
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  for (const name of CONTENT) cpSync(join(project, name), join(root, name), { recursive: true });
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
  return {
    root,
    temporary,
    async with(mutant, work) {
      const file = join(root, mutant.path);
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, mutated(text, mutant));
      try {
        return await work();
      } finally {
        writeFileSync(file, text);
        rmSync(temporary, { recursive: true, force: true });
        mkdirSync(temporary);
      }
    },
  };
}
