import type { Command } from 'commander';
import { collectedShape, parkedShape, previewShape } from '#src/api/collecting-shapes.ts';
import { findMerchantInvoice } from '#src/documents/merchant-invoices.ts';
import { refuse } from '#src/kernel/errors.ts';
import { formatMoney } from '#src/kernel/money.ts';
import { parseDate, startOfDayMs, todayIn } from '#src/kernel/time.ts';
import { type Collected, collectDue } from '#src/payments/collecting/autopay.ts';
import { previewCharges, type Previewed } from '#src/payments/collecting/charges.ts';
import { type Collection, upcomingCollections } from '#src/payments/collecting/collections.ts';
import { listParked, type ParkedCollection, releaseParked } from '#src/payments/collecting/parking.ts';
import type { MerchantScope } from '#src/scope.ts';
import { withMerchant } from '../installation.ts';
import { type JsonOption, examples, json } from '../options.ts';
import { type Column, printJson, printJsonList, printTable, say } from '../output.ts';

interface RunOptions extends JsonOption {
  readonly date?: string;
  readonly dryRun?: true;
}

export function setup(group: Command): void {
  const run = group
    .command('run')
    .description('Collect what AutoPay and payment plans have due, or show what they will')
    .argument('<tenant>')
    .option('--date <date>', 'what is due until the end of that day, today unless given')
    .option('--dry-run', 'collect nothing, show what would be; the day may be in the future')
    .action(collect);
  json(examples(run, 'portal autopay run acme', 'portal autopay run acme --date 2026-12-31 --dry-run'));
  const parked = group
    .command('parked')
    .description('List what was not collected because it looked wrong')
    .argument('<tenant>')
    .action(showParked);
  json(examples(parked, 'portal autopay parked acme'));
  const release = group
    .command('release')
    .description('Let what is parked of an invoice be collected after all')
    .argument('<tenant>')
    .argument('<invoice>', 'number or id')
    .action(releaseOne);
  json(examples(release, 'portal autopay release acme INV-0001'));
}

async function collect(username: string, options: RunOptions): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const today = todayIn(merchant.clock, merchant.tenant.timeZone).toString();
    const date = options.date === undefined ? today : parseDate(options.date);
    const end = endOfDay(date, merchant);
    if (options.dryRun) return preview(merchant, end, options);
    if (date > today) refuse('not_yet', { date, tenant: username });
    const done = await collectDue(merchant, { until: end - 1 });
    if (options.json) return printJsonList(done.map(collectedShape));
    const columns: Column<Collected>[] = [
      ...COLUMNS.map(({ title, align, value }): Column<Collected> => ({
        title,
        ...(align ? { align } : {}),
        value: ({ collection }) => value(collection),
      })),
      { title: 'result', value: ({ outcome }) => outcome.state },
      { title: 'reason', most: 60, value: reasonOf },
    ];
    printTable(done, columns, 'Nothing is due.');
  });
}

async function preview(merchant: MerchantScope, end: number, { json: asJson }: JsonOption): Promise<void> {
  const due = (await upcomingCollections(merchant)).filter(({ at }) => at < end);
  const previewed = await previewCharges(merchant, due);
  if (asJson) return printJsonList(previewed.map(previewShape));
  const columns: Column<Previewed>[] = [
    ...COLUMNS.map(({ title, align, value }): Column<Previewed> => ({
      title,
      ...(align ? { align } : {}),
      value: ({ collection }) => value(collection),
    })),
    { title: 'charged', most: 60, value: chargedOf },
  ];
  printTable(previewed, columns, 'Nothing is due until then.');
}

/** `€308.70 for 2, fee €8.70`, beside the first that a charge collects; or why it is not charged. */
function chargedOf({ collection, charge, reason }: Previewed): string | undefined {
  if (!charge) return reason;
  const [first, ...others] = charge.collections;
  if (first !== collection) return 'together';
  return [
    `${formatMoney(charge.total, 'en')}${others.length > 0 ? ` for ${others.length + 1}` : ''}`,
    ...(charge.fee.minor > 0 ? [`fee ${formatMoney(charge.fee, 'en')}`] : []),
  ].join(', ');
}

const COLUMNS: readonly Column<Collection>[] = [
  { title: 'date', value: ({ date }) => date },
  { title: 'invoice', value: ({ number }) => number },
  { title: 'instalment', align: 'right', value: ({ position }) => position },
  { title: 'try', align: 'right', value: ({ attempt }) => attempt },
  { title: 'amount', align: 'right', value: ({ amount }) => formatMoney(amount, 'en') },
];

function reasonOf({ outcome }: Collected): string | undefined {
  if ('reason' in outcome) return outcome.reason;
  return 'message' in outcome ? outcome.message : undefined;
}

async function showParked(username: string, { json: asJson }: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const parked = await listParked(merchant);
    if (asJson) return printJsonList(parked.map(parkedShape));
    const columns: Column<ParkedCollection>[] = [
      { title: 'invoice', value: ({ number }) => number },
      { title: 'customer', most: 30, value: ({ customer }) => customer },
      { title: 'amount', align: 'right', value: ({ amount }) => formatMoney(amount, 'en') },
      { title: 'reason', value: ({ reason }) => reason },
    ];
    printTable(parked, columns, 'Nothing is parked.');
  });
}

async function releaseOne(username: string, numberOrId: string, options: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const { id, number } = await findMerchantInvoice(merchant, numberOrId);
    await releaseParked(merchant, { id, number });
    if (options.json) return printJson({ invoice: number, parked: false });
    say(`Invoice ${number} is collected in the next round of the background work.`);
  });
}

/** The first moment (epoch ms) after a civil date. */
function endOfDay(date: string, { tenant }: MerchantScope): number {
  return startOfDayMs(Temporal.PlainDate.from(date).add({ days: 1 }).toString(), tenant.timeZone);
}
