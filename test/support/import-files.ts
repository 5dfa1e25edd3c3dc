import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ownership, type MerchantTable } from '#db/ownership.ts';
import type { TableSource } from '#src/imports/table.ts';
import type { MerchantScope } from '#src/scope.ts';

/** Real data beside the clone; tests on it say so where it is not there. */
export const SHARED_DATA = resolve(import.meta.dirname, '../../../shared/data');
export const hasSharedData = existsSync(SHARED_DATA);

export function textSource(text: string, name = 'file.csv'): TableSource {
  return {
    name,
    async *open() {
      yield Buffer.from(text);
    },
  };
}

export function fileSource(...path: string[]): TableSource {
  const file = join(...path);
  return { name: basename(file), open: () => createReadStream(file) };
}

export function readShared(...path: string[]): string {
  return readFileSync(join(SHARED_DATA, ...path), 'utf8');
}

/** What an import takes back leaves gaps in ids and numbers, as a transaction does on PostgreSQL. */
const NAMES = Object.entries(ownership).filter(
  ([name, owner]) => owner !== 'directory' && name !== 'counters',
);

/** Every row of every table of the tenant but its counters, to compare before and after. */
export async function wholeTenant(merchant: MerchantScope): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {};
  for (const [name] of NAMES) {
    const rows = await merchant.db
      .from(name as MerchantTable)
      .selectAll()
      .execute();
    tables[name] = rows.map((row) => JSON.stringify(row)).toSorted();
  }
  return tables;
}

/** The sum of the ledger by account. */
export async function ledgerSums(merchant: MerchantScope): Promise<Record<string, number>> {
  const rows = await merchant.db.from('postings').select(['account', 'amount_minor']).execute();
  const sums: Record<string, number> = {};
  for (const row of rows) sums[row.account] = (sums[row.account] ?? 0) + row.amount_minor;
  return sums;
}
