import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true };
const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 860 } };

/** Somebody at a real browser, whose console is watched. */
export interface Person {
  readonly page: Page;
  /** Everything the browser complained about: errors of scripts, refusals of the content security policy, failed loads. */
  readonly troubles: string[];
  /** Fails when the page has an accessibility problem, in the light or the dark colours (axe-core, WCAG 2.2 AA); in both without a scheme. */
  expectAccessible(scheme?: Scheme): Promise<void>;
}

const SCHEMES = ['light', 'dark'] as const;
type Scheme = (typeof SCHEMES)[number];

/** A browser of one's own: its cookies are nobody else's. Closed when the test ends. */
export async function openPerson(
  browser: Browser,
  { phone = false, script = true }: { phone?: boolean; script?: boolean } = {},
): Promise<Person> {
  const context = await browser.newContext({
    ...(phone ? PHONE : DESKTOP),
    javaScriptEnabled: script,
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  onTestFinished(() => context.close());
  // As long as the test may take: machines differ.
  context.setDefaultTimeout(0);
  const page = await context.newPage();
  const troubles = watch(page);
  return { page, troubles, expectAccessible: (scheme) => expectAccessible(page, scheme) };
}

function watch(page: Page): string[] {
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => troubles.push(`script: ${error.message}`));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    if (reason !== 'net::ERR_ABORTED') troubles.push(`${request.url()}: ${reason}`);
  });
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && !hostname.endsWith('.localhost')) {
      troubles.push(`left this machine: ${request.url()}`);
    }
  });
  return troubles;
}

/** Each finding as one line, so that a failing test says what to mend. */
async function expectAccessible(page: Page, scheme?: Scheme): Promise<void> {
  for (const colorScheme of SCHEMES.filter((one) => (scheme ?? one) === one)) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Evaluated through the debugger, which the content security policy does not bind.
    await page.evaluate(axeSource);
    const findings =
      await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`);
    expect(findings, `${page.url()} in ${colorScheme} colours`).toEqual([]);
  }
}

/** A page must never be wider than its window: nobody should have to scroll sideways. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const extra = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(extra, `${page.url()} at ${page.viewportSize()?.width} px`).toBeLessThanOrEqual(0);
}
