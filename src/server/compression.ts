import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';

/** A content coding we produce. */
export type Coding = 'zstd' | 'br' | 'gzip';

/** Bodies smaller than this many bytes are sent as they are: packing would cost more than it saves. */
export const SMALLEST_PACKED = 1_024;

const PACKABLE =
  /^(?:text\/(?!event-stream)|application\/(?:json|javascript|manifest\+json|xml|problem\+json)|image\/svg\+xml)/;
/** The best first. What is packed while somebody waits should take little time, what is packed once should be small. */
const CODINGS = { now: ['zstd', 'br', 'gzip'], forever: ['br', 'gzip'] } as const;
const seen = { now: new Map<string, Coding | undefined>(), forever: new Map<string, Coding | undefined>() };

/**
 * The best coding a client accepts (RFC 9110 §12.5.3) for a body that is packed now or forever, remembered for the few texts that browsers
 * send.
 */
export function acceptedCoding(
  acceptEncoding: string | undefined,
  packed: keyof typeof CODINGS,
): Coding | undefined {
  if (acceptEncoding === undefined || acceptEncoding.length > 200) return undefined;
  const known = seen[packed];
  if (known.has(acceptEncoding)) return known.get(acceptEncoding);
  const coding = CODINGS[packed].find((name) => accepts(acceptEncoding, name));
  if (known.size < 200) known.set(acceptEncoding, coding);
  return coding;
}

/** True for media types that shrink. */
export function isPackable(contentType: string): boolean {
  return PACKABLE.test(contentType);
}

/**
 * Packs a page while its reader waits, on the event loop: handing it to a thread takes longer. A list of 32 kB takes zstd 50 µs, and brotli a
 * fifth of a millisecond more for a few percent.
 */
export function packNow(body: Buffer, coding: Coding): Buffer {
  if (coding === 'zstd') return zstdCompressSync(body);
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
  if (coding === 'zstd') return zstdCompressSync(body);
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
