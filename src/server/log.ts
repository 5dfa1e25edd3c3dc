import { safeJson } from '#src/kernel/safe-json.ts';
import { terminalLine } from '#src/kernel/terminal-line.ts';
import { PAGE_PATHS, pageAt } from '#src/portal/pages.ts';

/** One answered request. Times are milliseconds; the path is without query and without secrets. */
export interface AccessEntry {
  readonly event: 'request';
  readonly at: number;
  readonly id: string;
  readonly tenant: string | undefined;
  readonly client: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
  readonly ms: number;
  /** True when the client left before the answer was complete. */
  readonly aborted: boolean;
}

/** Something that went wrong while answering; `id` is the incident id the person was shown. */
export interface ErrorEntry {
  readonly event: 'error';
  readonly at: number;
  readonly id: string;
  readonly path: string;
  readonly error: string;
}

/** An entry of the front's log. */
export type FrontLogEntry = AccessEntry | ErrorEntry;

const SECRET_BELOW = PAGE_PATHS.filter((place) => pageAt(place).secret).map((place) =>
  place.slice(0, place.indexOf('[')),
);
const LONGEST_SEGMENT = 32;

/**
 * A path fit for a log: everything where a page has its secret and every segment longer than an id becomes `***`, because such
 * segments are sign-in tokens. Client ids of documents (24 characters) stay.
 */
export function redactPath(path: string): string {
  const secret = SECRET_BELOW.find((prefix) => path.startsWith(prefix) && path.length > prefix.length);
  if (secret !== undefined) return `${secret}***`;
  if (path.length <= LONGEST_SEGMENT || path.startsWith('/_astro/')) return path;
  return path
    .split('/')
    .map((segment) => (segment.length > LONGEST_SEGMENT ? '***' : segment))
    .join('/');
}

/** One line of JSON without its line break; controls are escaped, so an entry cannot fake another. */
export function logLine(entry: FrontLogEntry): string {
  return safeJson({ ...entry, at: new Date(entry.at).toISOString() });
}

/** The same for somebody who watches a terminal: `14:05:09  GET 200  /invoices  acme  12 ms`. */
export function watchedLine(entry: FrontLogEntry): string {
  if (entry.event === 'error')
    return terminalLine(entry.at, 'error', `incident ${entry.id} at ${entry.path}`, {
      error: entry.error,
    });
  const { method, status, path, tenant, ms, aborted } = entry;
  const words = [`${method} ${status}`, path, tenant ?? '-', `${Math.round(ms)} ms`];
  return terminalLine(entry.at, 'info', [...words, ...(aborted ? ['the client left'] : [])].join('  '));
}

/**
 * A sink that writes entries as lines (JSON, unless told otherwise) through `write`, gathered for up to `gatherMs` milliseconds so that
 * logging costs a request next to nothing. `flush` writes what is waiting; call it before the process ends.
 */
export function createLineLog(
  write: (text: string) => void,
  gatherMs = 100,
  lineOf: (entry: FrontLogEntry) => string = logLine,
): { (entry: FrontLogEntry): void; flush(): void } {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const text = waiting;
    waiting = '';
    if (text !== '') write(text);
  };
  const log = (entry: FrontLogEntry): void => {
    waiting += `${lineOf(entry)}\n`;
    if (waiting.length > 65_536) flush();
    timer ??= setTimeout(flush, gatherMs).unref();
  };
  return Object.assign(log, { flush });
}
