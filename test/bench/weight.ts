import { brotliDecompressSync } from 'node:zlib';
import { get } from './http.ts';
import { PACKED } from './load.ts';

/** What a first visit to a page brings over the wire, in bytes of packed bodies, by kind. */
export interface Weight {
  readonly html: number;
  readonly css: number;
  readonly js: number;
  readonly fonts: number;
  readonly other: number;
  readonly total: number;
  readonly requests: number;
  /** Addresses of other origins that the page or its styles load from: there must be none. */
  readonly strangers: readonly string[];
}

type Kind = 'css' | 'js' | 'fonts' | 'other';

/**
 * Fetches a page and everything that a browser without a cache would: styles, scripts with what they import, icons, and the fonts whose
 * `unicode-range` the page's text needs.
 */
export async function pageWeight(
  port: number,
  path: string,
  headers: Record<string, string>,
): Promise<Weight> {
  const page = await fetchText(port, path, headers);
  const sizes = { css: 0, js: 0, fonts: 0, other: 0 };
  const strangers: string[] = [];
  const done = new Set<string>();
  const queue = addressesIn(page.text);
  for (const address of queue) {
    if (done.has(address)) continue;
    done.add(address);
    if (/^(?:https?:)?\/\//.test(address)) {
      strangers.push(address);
      continue;
    }
    const { text, size } = await fetchText(port, address, headers);
    const kind = kindOf(address);
    sizes[kind] += size;
    if (kind === 'css') queue.push(...fontsFor(text, page.text));
    if (kind === 'js') queue.push(...importsOf(text));
  }
  const total = page.size + sizes.css + sizes.js + sizes.fonts + sizes.other;
  return { html: page.size, ...sizes, total, requests: done.size + 1, strangers };
}

async function fetchText(
  port: number,
  path: string,
  headers: Record<string, string>,
): Promise<{ text: string; size: number }> {
  const { status, body, headers: answered } = await get(port, path, { ...headers, ...PACKED });
  if (status !== 200) throw new Error(`${path} answered ${status}.`);
  const packed = answered['content-encoding'];
  if (packed !== undefined && packed !== 'br') throw new Error(`${path} came as ${packed}.`);
  return { text: (packed === 'br' ? brotliDecompressSync(body) : body).toString(), size: body.length };
}

/** Addresses of what the page loads, without links that a person follows. */
function addressesIn(html: string): string[] {
  const tags = [...html.matchAll(/<(?:link|script|img|source|iframe)\b[^>]*>/g)].map(([tag]) => tag);
  return tags.flatMap((tag) => {
    if (/rel="(?:canonical|alternate)"/.test(tag)) return [];
    const address = /\b(?:src|href)="([^"#]+)"/.exec(tag)?.[1];
    return address === undefined ? [] : [address.replaceAll('&amp;', '&')];
  });
}

function kindOf(address: string): Kind {
  if (/\.css(?:\?|$)/.test(address)) return 'css';
  if (/\.m?js(?:\?|$)/.test(address)) return 'js';
  return /\.woff2?(?:\?|$)/.test(address) ? 'fonts' : 'other';
}

function importsOf(script: string): string[] {
  return [...script.matchAll(/(?:from|import)\s*["'](\.?\/?[^"']+\.js)["']/g)].map(
    ([, address = '']) => new URL(address, 'http://x/_astro/').pathname,
  );
}

function fontsFor(css: string, text: string): string[] {
  const faces = [...css.matchAll(/@font-face\s*\{[^}]*\}/g)].map(([face]) => face);
  return faces
    .filter((face) => needs(face, text))
    .flatMap((face) => {
      const address = /url\(["']?([^"')]+)/.exec(face)?.[1];
      return address === undefined ? [] : [address];
    });
}

function needs(face: string, text: string): boolean {
  const ranges = [...face.matchAll(/U\+([0-9a-f?]+)(?:-([0-9a-f]+))?/gi)].map(([, from = '', to]) => [
    Number.parseInt(from.replaceAll('?', '0'), 16),
    Number.parseInt(to ?? from.replaceAll('?', 'f'), 16),
  ]);
  if (ranges.length === 0) return true;
  return [...new Set(text)].some((letter) => {
    const point = letter.codePointAt(0) ?? 0;
    return ranges.some(([from = 0, to = 0]) => point >= from && point <= to);
  });
}
