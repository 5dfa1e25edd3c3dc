import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** A content coding we produce. */
export type Coding = 'br' | 'gzip';

/** Bodies smaller than this many bytes are sent as they are: packing would cost more than it saves. */
export const SMALLEST_PACKED = 1_024;

const PACKABLE =
  /^(?:text\/(?!event-stream)|application\/(?:json|javascript|manifest\+json|xml|problem\+json)|image\/svg\+xml)/;
const seen = new Map<string, Coding | undefined>();

/** The best coding a client accepts (RFC 9110 §12.5.3), remembered for the few texts that browsers send. */
export function acceptedCoding(acceptEncoding: string | undefined): Coding | undefined {
  if (acceptEncoding === undefined || acceptEncoding.length > 200) return undefined;
  if (seen.has(acceptEncoding)) return seen.get(acceptEncoding);
  const coding = (['br', 'gzip'] as const).find((name) => accepts(acceptEncoding, name));
  if (seen.size < 200) seen.set(acceptEncoding, coding);
  return coding;
}

/** True for media types that shrink. */
export function isPackable(contentType: string): boolean {
  return PACKABLE.test(contentType);
}

/**
 * Packs a page while its reader waits, on the event loop: 10 kB of table rows take about 50 µs and shrink to a tenth.
 * Higher levels take twice as long for a few percent.
 */
export function packNow(body: Buffer, coding: Coding): Buffer {
  if (coding === 'gzip') return gzipSync(body, { level: 5 });
  return brotliCompressSync(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 4,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
      [constants.BROTLI_PARAM_LGWIN]: 16,
    },
  });
}

/** Packs a file once for many readers: the best levels. */
export function packForever(body: Buffer, coding: Coding): Buffer {
  if (coding === 'gzip') return gzipSync(body, { level: 9 });
  return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
}

function accepts(header: string, name: string): boolean {
  return header.split(',').some((part) => {
    const [coding = '', ...parameters] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    return coding === name && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
