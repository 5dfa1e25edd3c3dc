import type { Command } from 'commander';
import { migrateDatabase } from '#src/database.ts';
import { withUnpreparedApp } from '../installation.ts';
import { type JsonOption, examples, json } from '../options.ts';
import { printJson, say } from '../output.ts';
import { progressLine } from '../progress.ts';
import { type SeedCounts, seedDemo } from '../seed/demo.ts';

export function setup(group: Command): void {
  const demo = group
    .command('demo')
    .description('Add two demo merchants with customers in every state; running it again changes nothing')
    .action(seed);
  json(examples(demo, 'portal seed demo'));
}

async function seed({ json: asJson }: JsonOption): Promise<void> {
  const line = progressLine();
  const counts = await withUnpreparedApp(async (app) => {
    await migrateDatabase(app);
    return seedDemo(app.operator('demo'), line.show).finally(line.clear);
  });
  if (asJson) return printJson({ object: 'seed', ...shapeOf(counts) });
  say(isNothing(counts) ? 'The demo data is there already: nothing was changed.' : sentenceOf(counts));
}

function shapeOf({ tenants, customers, invoices, payments, creditNotes }: SeedCounts) {
  return { tenants, customers, invoices, payments, credit_notes: creditNotes };
}

function isNothing(counts: SeedCounts): boolean {
  return Object.values(counts).every((count) => count === 0);
}

function sentenceOf({ tenants, customers, invoices, payments, creditNotes }: SeedCounts): string {
  return `Added ${tenants} merchants, ${customers} customers, ${invoices} invoices, ${payments} payments and ${creditNotes} credit notes.`;
}
