/*
 * The yardsticks as a process of their own: node server.ts FILE DIST. It opens the database read-only and answers `/raw` from a bare
 * node:http handler and everything else from the bare Astro page; the port is printed on stdout.
 */
import { createServer, type ServerResponse } from 'node:http';
import { pathToFileURL } from 'node:url';
import BetterSqlite from 'better-sqlite3';
import { LIST_SQL, type YardstickRow } from './src/rows.ts';

const [file = '', dist = ''] = process.argv.slice(2);
const database = new BetterSqlite(file, { readonly: true });
const statement = database.prepare<[], YardstickRow>(LIST_SQL);
const built: unknown = await import(pathToFileURL(`${dist}/server/entry.mjs`).href);
const page = handlerOf(built);

const server = createServer((request, response) => {
  if (request.url === '/raw') sendRaw(response);
  else page(request, response, undefined, { rows: () => statement.all().slice(0, 25) });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});

function sendRaw(response: ServerResponse): void {
  const rows = statement.all().slice(0, 25).map(rowOf).join('');
  const head = '<tr><th>Number</th><th>Date</th><th>Due</th><th>Total</th><th>Balance</th></tr>';
  const html = `<!doctype html><html lang="en"><head><title>Invoices</title></head><body><table><thead>${head}</thead><tbody>${rows}</tbody></table></body></html>`;
  response.writeHead(200, { 'content-type': 'text/html', 'content-length': Buffer.byteLength(html) });
  response.end(html);
}

function rowOf(row: YardstickRow): string {
  const number = `<a href="/invoices/${row.client_id}">${row.number}</a>`;
  const cells = [number, row.date, row.due_date, row.total_minor, row.balance_minor];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

type Handler = (request: unknown, response: unknown, next: undefined, locals: object) => unknown;

function handlerOf(module: unknown): Handler {
  const handler: unknown = Object.getOwnPropertyDescriptor(Object(module), 'handler')?.value;
  if (typeof handler !== 'function') throw new Error('The bare Astro page is not built.');
  return (...given) => Reflect.apply(handler, undefined, given);
}
