import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every file of `src/pages` as the place it answers at: `invoices/[id]/index`, `login/e/[token]`. */
export function pageFiles(folder = 'src/pages', prefix = ''): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return pageFiles(join(folder, entry.name), `${prefix}${entry.name}/`);
    return [`${prefix}${entry.name.replace(/\.(astro|ts)$/, '')}`];
  });
}

/** The same as addresses: `/invoices/[id]`, `/`. */
export function pagePaths(): string[] {
  return pageFiles().map((file) => `/${file}`.replace(/\/index$/, '') || '/');
}

/** An address of that page. */
export function exampleOf(path: string): string {
  return path.replace('[...path]', 'nothing/here').replaceAll(/\[\w+\]/g, 'x1');
}
