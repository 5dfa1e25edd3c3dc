import { textOf } from './portal.ts';

/** The rows of a part of a page as the texts of their cells. */
export function rowsOf(html: string): string[][] {
  return [...html.matchAll(/<tr\b[\s\S]*?<\/tr>/g)].map(([row]) =>
    [...row.matchAll(/<t[hd]\b[^>]*>([\s\S]*?)<\/t[hd]>/g)].map(([, cell = '']) => textOf(cell)),
  );
}

/** What stands between two marks of a page; the empty text where they are not there. */
export function between(html: string, start: string, end: string): string {
  const from = html.indexOf(start);
  const to = html.indexOf(end, from);
  return from < 0 || to < 0 ? '' : html.slice(from, to);
}
