import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutant, mutated } from './mutants.ts';

/** What no test reads, and the packages, which all copies share. */
const LEFT_OUT = new Set(['node_modules', '.git', '.astro', 'data', 'test-results']);

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
  for (const name of readdirSync(project).filter((one) => !LEFT_OUT.has(one)))
    cpSync(join(project, name), join(root, name), { recursive: true });
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
