import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '#test/support/chromium.ts';

const source = fileURLToPath(new URL('../../src/', import.meta.url));
const styles = join(source, 'styles');
const sheet = readdirSync(styles)
  .filter((name) => name.endsWith('.css'))
  .map((name) => readFileSync(join(styles, name), 'utf8'))
  .join('\n');

/** Foreground, background, least contrast (WCAG 2.2: 4.5 for text, 3 for borders of fields). */
const pairs: ReadonlyArray<readonly [string, string, number]> = [
  ['--portal-on-accent', '--portal-accent-solid', 4.5],
  ...['surface', 'canvas', 'raised', 'accent-soft'].map(
    (back) => ['--portal-accent-ink', `--portal-${back}`, 4.5] as const,
  ),
  ...['ink', 'ink-2', 'bad', 'good', 'warn', 'calm'].map(
    (ink) => [`--portal-${ink}`, '--portal-accent-soft', 4.5] as const,
  ),
  ...['surface', 'canvas', 'raised', 'sunken'].map(
    (back) => ['--portal-ink-3', `--portal-${back}`, 4.5] as const,
  ),
  ...['bad', 'good', 'warn', 'calm'].map(
    (tone) => [`--portal-${tone}`, `--portal-${tone}-soft`, 4.5] as const,
  ),
  ['--portal-field-line', '--portal-raised', 3],
];

describe('one accent, legible whatever it is', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  test.each(['light', 'dark'] as const)('216 brand colours keep every text legible (%s)', async (scheme) => {
    const page = await browser.newPage({ colorScheme: scheme });
    await page.setContent('<!doctype html><i id="probe"></i>');
    await page.addStyleTag({ content: readFileSync(join(styles, 'tokens.css'), 'utf8') });
    const low = await page.evaluate(tooLow, pairs);
    await page.close();
    expect(low).toEqual([]);
  });
});

/** Runs in the page: paints each pair for each accent and reads the pixels back. */
function tooLow(wanted: ReadonlyArray<readonly [string, string, number]>): string[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const probe = document.querySelector<HTMLElement>('#probe');
  if (!canvas || !probe) return ['no canvas'];
  const luminance = (property: string): number => {
    probe.style.color = `var(${property})`;
    canvas.fillStyle = getComputedStyle(probe).color;
    canvas.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0] = [...canvas.getImageData(0, 0, 1, 1).data]
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const steps = [0, 51, 102, 153, 204, 255];
  const accents = steps.flatMap((r) => steps.flatMap((g) => steps.map((b) => `rgb(${r} ${g} ${b})`)));
  return accents.flatMap((accent) => {
    document.documentElement.style.setProperty('--portal-accent', accent);
    return wanted.flatMap(([ink, back, least]) => {
      const [a, b] = [luminance(ink), luminance(back)];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return ratio < least ? [`${accent}: ${ink} on ${back} ${ratio.toFixed(2)}`] : [];
    });
  });
}

describe('the interface for merchants', () => {
  const readme = readFileSync(join(styles, 'README.md'), 'utf8');
  const named = [...readme.matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell = '']) => [
    ...cell.matchAll(/`((?:--)?portal-[\w-]+)`/g),
  ]);

  test('every property and class that the README names is in the stylesheet', () => {
    const missing = named
      .map(([, name = '']) => name)
      .filter((name) => !sheet.includes(name.startsWith('--') ? `${name}:` : `.${name}`));
    expect(named.length).toBeGreaterThan(70);
    expect(missing).toEqual([]);
  });

  test('every side is named by the direction of reading, so that pages from right to left need nothing of their own', () => {
    const physical = sheet.match(
      /(?:margin|padding|border)-(?:left|right)|[{;\s](?:left|right)\s*:|(?:float|clear|text-align):\s*(?:left|right)/g,
    );
    expect(physical).toBeNull();
  });

  test('a stylesheet outside the layers wins: nothing of ours is outside them, nor !important', () => {
    const portal = readFileSync(join(styles, 'portal.css'), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
    const rules = portal.split('\n').filter((line) => line.trim() !== '');
    expect(rules[0]).toBe('@layer tokens, base, components, pages;');
    const screen = sheet.replace(/@media print[\s\S]*?\n\}/, '').replace(/\[hidden\] \{[^}]*\}/, '');
    expect(screen).not.toContain('!important');
    expect(rules.slice(1).every((line) => /^@import '.+' layer\(\w+\);$/.test(line))).toBe(true);
  });
});

test('no page of ours carries inline code: the content security policy forbids it', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.astro'),
  );
  const inline = /\sstyle=|<style|<script(?![^>]*\ssrc=)|set:html|define:vars|is:inline|\son[a-z]+=["{]/;
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((name) => inline.test(readFileSync(join(source, name), 'utf8')))).toEqual([]);
});
