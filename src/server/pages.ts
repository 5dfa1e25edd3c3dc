import { type Page, STRICT } from '#src/portal/page.ts';
import { PAGE_PATHS, pageAt, placeOf } from '#src/portal/pages.ts';

/** What the front holds of a page before it runs. */
export interface PageRule extends Page {
  /** Pages of one group count together in each limit. */
  readonly group: string;
}

/** What holds where no page is. All such addresses count together: a flood of them must not push real counts out. */
const NO_PAGE: PageRule = { ...STRICT, group: 'none' };

const rules = new Map<string, PageRule>(
  PAGE_PATHS.map((place) => [place, { ...pageAt(place), group: place.split('/')[1] ?? '' }]),
);

/** The rule for the page at a canonical path. */
export function pageRuleAt(path: string): PageRule {
  return rules.get(placeOf(path) ?? '') ?? NO_PAGE;
}
