import { createHash } from 'node:crypto';
import { CompiledQuery, type Kysely } from 'kysely';
import { type MerchantTable, ownership } from '#db/ownership.ts';
import { schema, type TableName } from '#db/schema.ts';
import type { App } from '#src/app.ts';
import type { MerchantScope } from '#src/scope.ts';
import { createTenant, openMerchant } from '#src/tenants/tenants.ts';

export interface Mirror {
  readonly merchant: MerchantScope;
  /** Stands in every text that people wrote in the mirror, and nowhere else: seen at another tenant, it is a leak. */
  readonly canary: string;
}

type Row = Record<string, unknown>;
/** The database without its types: a mirror copies tables by name. */
type Tables = Kysely<Record<string, Row>>;

/** What a mirror does not take over: who is signed in, and secrets sealed for their tenant. */
const NOT_MIRRORED: ReadonlySet<TableName> = new Set<TableName>([
  'keys',
  'portal_users',
  'sessions',
  'signin_requests',
  'email_links',
  'used_links',
  'rate_limits',
]);
/** Columns that hold what people wrote or are called. */
const PEOPLE = new Set(
  [
    'name title attention_to email email_canonical phone tax_id label bank_name initials text',
    'address1 address2 city region postal_code website payment_terms item_code',
    'description notes memo body author_name author_email purchase_order reference buyer_reference',
    'reason decline_reason failure_message exemption_reason method_label receipt_email',
    'subject text_body html_body recipient',
  ].flatMap((names) => names.split(' ')),
);
/** Columns whose text is JSON: what people wrote stands within. */
const JSON_COLUMNS = new Set(['payload', 'data', 'metadata', 'payment_means', 'document_references']);
const ROWS_PER_STATEMENT = 100;

/**
 * A second tenant that has every row of the first under the same ids, numbers and client ids, with a canary in every text of people. It is
 * made below the operations, in one transaction. Sign-ins and secrets are its own.
 */
export async function mirrorTenant(
  house: { readonly app: App },
  from: MerchantScope,
  username: string,
): Promise<Mirror> {
  const canary = `canary${username.replaceAll('-', '')}`;
  const operator = house.app.operator();
  const { currency, timeZone } = from.tenant;
  const to = await createTenant(operator, { username, name: `${canary} Ltd`, currency, timeZone });
  const { store } = house.app.ports;
  await store.transaction(async (tx) => {
    // Rows point to one another, and some to rows of their own table: their order does not matter while keys are checked at the end or not at all.
    const freely =
      store.engine === 'sqlite'
        ? 'pragma defer_foreign_keys = on'
        : 'set local session_replication_role = replica';
    await tx.executeQuery(CompiledQuery.raw(freely));
    for (const table of tenantTables()) {
      if (!NOT_MIRRORED.has(table))
        await copyRows(tx as unknown as Tables, table, from.tenant.id, to.id, canary);
    }
  });
  return { merchant: await openMerchant(operator, to), canary };
}

/** A hash of every row that a tenant has, in whatever order: equal fingerprints are byte-identical rows. One table may be left out. */
export async function fingerprintOf(
  house: { readonly app: Pick<App, 'ports'> },
  tenantId: number,
  without?: MerchantTable,
): Promise<string> {
  const tables = house.app.ports.store.kysely as unknown as Tables;
  const hash = createHash('sha256');
  const own = (table: string, column: string): Promise<Row[]> =>
    tables.selectFrom(table).selectAll().where(column, '=', tenantId).execute();
  const add = (table: string, rows: Row[]): void => {
    const lines = rows.map((row) => JSON.stringify(Object.entries(row).toSorted(byName))).toSorted();
    hash.update(`${table}\n${lines.join('\n')}\n`);
  };
  add('tenants', await own('tenants', 'id'));
  add('domains', await own('domains', 'tenant_id'));
  for (const table of tenantTables()) if (table !== without) add(table, await own(table, 'tenant_id'));
  return hash.digest('hex');
}

/** Every table whose rows belong to one tenant. */
export function tenantTables(): MerchantTable[] {
  return (Object.keys(ownership) as TableName[]).filter(isOwned);
}

function isOwned(table: TableName): table is MerchantTable {
  return ownership[table] !== 'directory';
}

async function copyRows(
  tx: Tables,
  table: TableName,
  from: number,
  to: number,
  canary: string,
): Promise<void> {
  await tx.deleteFrom(table).where('tenant_id', '=', to).execute();
  const rows = await tx.selectFrom(table).selectAll().where('tenant_id', '=', from).execute();
  const copies = rows.map((row) => ({ ...marked(table, row, canary), tenant_id: to }));
  for (let at = 0; at < copies.length; at += ROWS_PER_STATEMENT) {
    await tx
      .insertInto(table)
      .values(copies.slice(at, at + ROWS_PER_STATEMENT))
      .execute();
  }
}

function marked(table: TableName, row: Row, canary: string): Row {
  if (table === 'counters' || table === 'settings') return row;
  const columns = Object.keys(schema[table]);
  return Object.fromEntries(
    columns.map((column) => [column, markedValue(column, row[column], canary)] as const),
  );
}

function markedValue(column: string, value: unknown, canary: string): unknown {
  if (typeof value !== 'string' || value === '') return value;
  if (JSON_COLUMNS.has(column)) {
    const content = parseJson(value);
    if (content !== undefined) return JSON.stringify(markedContent(content, column === 'metadata', canary));
  }
  // In front, so that an e-mail address stays one, at its own domain.
  return PEOPLE.has(column) ? `${canary}${value}` : value;
}

function markedContent(content: unknown, all: boolean, canary: string): unknown {
  if (Array.isArray(content)) return content.map((part) => markedContent(part, all, canary));
  if (content === null || typeof content !== 'object') return content;
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => {
      const isText = typeof value === 'string' && value !== '';
      if (isText) return [key, all || PEOPLE.has(snakeCase(key)) ? `${canary}${value}` : value];
      return [key, markedContent(value, all, canary)];
    }),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
