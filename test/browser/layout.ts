import type { Page } from 'playwright-core';

/** The widths that every page is looked at: small and usual phones, tablets both ways, laptops and desktops. */
const WIDTHS = [320, 390, 768, 1024, 1280, 1680];

/**
 * What is wrong with the layout of a page at six widths, written from left to right and from right to left, as one line each: what sticks
 * out of the window, covers something else, breaks in the middle of a word, runs down a gap, or is too small for a finger.
 */
export async function layoutFaults(page: Page): Promise<string[]> {
  const faults: string[] = [];
  const { pathname } = new URL(page.url());
  for (const direction of ['ltr', 'rtl']) {
    await page.evaluate((dir) => (document.documentElement.dir = dir), direction);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const found = await page.evaluate(faultsHere);
      faults.push(...found.map((fault) => `${pathname} at ${width} ${direction}: ${fault}`));
    }
  }
  await page.evaluate(() => (document.documentElement.dir = 'ltr'));
  return faults;
}

/** Runs in the page. */
function faultsHere(): string[] {
  /** The longest word that must stay in one piece; names may have longer ones. */
  const LONGEST_WORD = 16;
  /** WCAG 2.2, 2.5.8. */
  const LEAST_TARGET = 24;
  const LEAST_COLUMN = 150;
  const { scrollWidth, clientWidth } = document.documentElement;

  const clipped = [...document.querySelectorAll('*')].filter(
    (element) => getComputedStyle(element).clipPath !== 'none',
  );
  const all = [...document.querySelectorAll<HTMLElement>('body *')]
    .filter((element) => element.checkVisibility() && !element.closest('.portal-skip, svg'))
    .filter((element) => !clipped.some((hidden) => hidden.contains(element)));
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- it goes to the page with this function
  const named = (element: Element): string =>
    `<${element.localName} class="${element.className}"> ${element.textContent?.trim().slice(0, 40)}`;

  /** What somebody sees of an element: its box where it has one, else its words. */
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- the same
  const seen = (element: HTMLElement): DOMRect => {
    const style = getComputedStyle(element);
    const isBox = style.borderTopWidth !== '0px' || style.backgroundColor !== 'rgba(0, 0, 0, 0)';
    if (isBox || element.matches('input, select, textarea, img')) return element.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(element);
    return range.getBoundingClientRect();
  };

  const pressed = all.filter((element) => element.matches('a, button, input, select, textarea, summary'));
  /** What stands over the page, and tabs, which scroll by themselves. */
  const floating = '.portal-nav, .portal-rail, .portal-paybar, .portal-menu, .portal-tabs';

  const wide = scrollWidth > clientWidth ? [`${scrollWidth} px wide`] : [];

  const sheets = all
    .filter((element) => element.matches('.portal-sheet') && element.scrollWidth > element.clientWidth)
    .map((sheet) => `a list ${sheet.scrollWidth - sheet.clientWidth} px too wide`);

  const outside = all
    .filter(
      (element) =>
        element.matches('a, button, input, select, h1, h2, p, dd, td') && !element.closest(floating),
    )
    .filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      return width > 1 && (right > clientWidth + 1 || left < -1);
    })
    .map((element) => `outside: ${named(element)}`);

  const things = all
    .filter((element) => pressed.includes(element) || element.matches('.portal-badge, h1, h2, dt, dd, time'))
    .filter((element) => !element.closest(floating))
    .map((element) => ({ element, box: seen(element) }))
    .filter(({ box }) => box.width > 1 && box.height > 1);
  const covered = things.flatMap((one, index) =>
    things
      .slice(index + 1)
      .filter(({ element }) => !one.element.contains(element) && !element.contains(one.element))
      .filter(({ box }) => {
        const across = Math.min(box.right, one.box.right) - Math.max(box.left, one.box.left);
        const down = Math.min(box.bottom, one.box.bottom) - Math.max(box.top, one.box.top);
        return across > 2 && down > 3;
      })
      .map(({ element }) => `covered: ${named(one.element)} | ${named(element)}`),
  );

  const texts = all.flatMap((element) =>
    [...element.childNodes].filter(
      (node): node is Text =>
        node instanceof Text && node.data.trim() !== '' && element.localName !== 'option',
    ),
  );
  const broken = texts.flatMap((text) =>
    [...text.data.matchAll(/\S+/g)]
      .filter(([word]) => word.length <= LONGEST_WORD && !/[@/-]/.test(word))
      .filter(({ 0: word, index }) => {
        const range = document.createRange();
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        const tops = [...range.getClientRects()].map(({ top }) => Math.round(top));
        return new Set(tops).size > 1;
      })
      .map(([word]) => `broken: ${word} in ${named(text.parentElement!)}`),
  );

  const gaps = texts
    .filter(({ parentElement }) => !parentElement!.closest(floating))
    .filter(({ data, parentElement }) => {
      const lines =
        parentElement!.getBoundingClientRect().height /
        parseFloat(getComputedStyle(parentElement!).lineHeight);
      return (
        data.trim().length > 40 && lines > 4.5 && parentElement!.getBoundingClientRect().width < LEAST_COLUMN
      );
    })
    .map(({ parentElement }) => `a column too narrow: ${named(parentElement!)}`);

  const small = pressed
    .filter((element) => !element.matches('input:is([type="checkbox"], [type="radio"])'))
    .filter((element) => getComputedStyle(element).display !== 'inline')
    .filter((element) => {
      const { width, height } = element.getBoundingClientRect();
      return width > 1 && (width < LEAST_TARGET || height < LEAST_TARGET);
    })
    .map((element) => `small: ${named(element)}`);

  return [...new Set([...wide, ...sheets, ...outside, ...covered, ...broken, ...gaps, ...small])];
}
