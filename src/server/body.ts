import type { IncomingMessage, ServerResponse } from 'node:http';

/** The bytes of a request's body, or why there are none. */
export type BodyReading =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'gone' };

/** Bytes beyond the cap that are read and thrown away, so that the sender gets to see the answer. */
const PATIENCE = 1_048_576;
const AMPERSAND = 0x26;
const EMPTY: BodyReading = { kind: 'read', bytes: Buffer.alloc(0) };

/** True when the request announces a body. */
export function announcesBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** How many fields a form's body would be read as, at the most. */
export function countFields(body: Buffer): number {
  let fields = 1;
  for (let at = body.indexOf(AMPERSAND); at !== -1; at = body.indexOf(AMPERSAND, at + 1)) fields += 1;
  return fields;
}

/**
 * Reads the whole body, counting bytes as they arrive, whatever the request announced. Above `cap` bytes it is
 * `too_large`; when the sender leaves or the server's time-out strikes, it is `gone`.
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  cap: number,
): Promise<BodyReading> {
  if (!announcesBody(request)) return EMPTY;
  if (Number(request.headers['content-length'] ?? 0) > cap + PATIENCE) return { kind: 'too_large' };
  if (request.headers.expect !== undefined) response.writeContinue();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      if (!Buffer.isBuffer(chunk)) continue;
      size += chunk.length;
      if (size <= cap) chunks.push(chunk);
      if (size > cap + PATIENCE) return { kind: 'too_large' };
    }
  } catch {
    return { kind: 'gone' };
  }
  return size > cap ? { kind: 'too_large' } : { kind: 'read', bytes: Buffer.concat(chunks) };
}
