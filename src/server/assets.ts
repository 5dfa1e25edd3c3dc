import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { acceptedCoding, isPackable, packForever, SMALLEST_PACKED } from './compression.ts';
import type { Coding } from './compression.ts';

/** A file kept in memory, with the packed forms that were asked for. */
export interface Asset {
  readonly bytes: Buffer;
  readonly type: string;
  readonly cacheControl: string;
  /** The content's hash, without quotes. */
  readonly hash: string;
  readonly packed: Map<Coding, Buffer>;
}

/** The built client files by their canonical path; what is not in it is not served. */
export type Assets = ReadonlyMap<string, Asset>;

export const IMMUTABLE = 'public, max-age=31536000, immutable';
const SHORT = 'public, max-age=3600';
const TYPES: Readonly<Record<string, string>> = {
  '.avif': 'image/avif',
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.otf': 'font/otf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/**
 * Reads a folder of built client files into memory. Hidden files, source maps, HTML and unknown kinds are left out;
 * an absent folder is an empty one. Files below `/_astro/` carry a hash in their name and never change.
 */
export function loadAssets(folder: string): Assets {
  const assets = new Map<string, Asset>();
  for (const name of fileNames(folder)) {
    const type = TYPES[extname(name).toLowerCase()];
    if (type === undefined || /(?:^|\/)\./.test(name)) continue;
    const cacheControl = name.startsWith('_astro/') ? IMMUTABLE : SHORT;
    assets.set(`/${name}`, makeAsset(readFileSync(join(folder, name)), type, cacheControl));
  }
  return assets;
}

/** An asset made of bytes at hand, such as a tenant's stylesheet. */
export function makeAsset(bytes: Buffer, type: string, cacheControl: string): Asset {
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return { bytes, type, cacheControl, hash, packed: new Map() };
}

/** Answers GET and HEAD with an asset: 304 when the client has it, packed when the client takes that. */
export function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const packable = asset.bytes.length >= SMALLEST_PACKED && isPackable(asset.type);
  const coding = packable ? acceptedCoding(request.headers['accept-encoding'], 'forever') : undefined;
  const tag = `"${asset.hash}${coding === undefined ? '' : `-${coding}`}"`;
  response.setHeader('ETag', tag);
  response.setHeader('Cache-Control', asset.cacheControl);
  if (packable) response.setHeader('Vary', 'Accept-Encoding');
  if (holdsTag(request.headers['if-none-match'], tag)) {
    response.writeHead(304).end();
    return;
  }
  const body = coding === undefined ? asset.bytes : packedForm(asset, coding);
  response.setHeader('Content-Type', asset.type);
  response.setHeader('Content-Length', body.length);
  if (coding !== undefined) response.setHeader('Content-Encoding', coding);
  response.writeHead(200).end(request.method === 'HEAD' ? undefined : body);
}

function packedForm(asset: Asset, coding: Coding): Buffer {
  const known = asset.packed.get(coding);
  if (known !== undefined) return known;
  const packed = packForever(asset.bytes, coding);
  asset.packed.set(coding, packed);
  return packed;
}

function holdsTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((part) => {
    const given = part.trim().replace(/^W\//, '');
    return given === tag || given === '*';
  });
}

function fileNames(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name).slice(join(folder, '/').length).replaceAll('\\', '/'),
      );
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
