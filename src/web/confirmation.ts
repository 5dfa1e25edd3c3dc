import type { Fact, NoticeModel } from '#src/components/models.ts';
import { withQuery } from '#src/portal/urls.ts';

/*
 * What somebody has just agreed to is confirmed on the page that their form leads to (303). The address says what was done (`?done=approved`);
 * with whom, what, how much and what follows is read from what was recorded. So a confirmation survives a reload, needs no script, and an
 * address that somebody made up confirms nothing that is not so.
 */

/** The address of a page that confirms what was done. */
export function confirmedAt(
  path: string,
  done: string,
  details: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const query = withQuery('', { done, ...details });
  return path.includes('?') ? `${path}&${query.slice(1)}` : `${path}${query}`;
}

/** What an address says was done, if it is one of these. */
export function doneOf<Done extends string>(
  search: URLSearchParams,
  known: readonly Done[],
): Done | undefined {
  const done = search.get('done');
  return known.find((one) => one === done);
}

/** The notice that confirms it; facts without a value are left out. */
export function confirmation(
  title: string,
  facts: ReadonlyArray<readonly [label: string, value: string | undefined]>,
  more: Partial<Pick<NoticeModel, 'tone' | 'text' | 'link'>> = {},
): NoticeModel {
  const stated: Fact[] = facts.flatMap(([label, value]) => (value ? [{ label, value }] : []));
  return { tone: 'good', title, facts: stated, focus: true, ...more };
}

/** A page's title; after something was agreed that comes first: it is what a screen reader begins with. */
export function titleConfirming(notice: NoticeModel | undefined, title: string): string {
  return notice?.facts ? `${notice.title}: ${title}` : title;
}
