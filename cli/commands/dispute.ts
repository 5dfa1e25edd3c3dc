import type { Command } from 'commander';
import { disputeShape } from '#src/api/payment-shapes.ts';
import { formatMoney } from '#src/kernel/money.ts';
import { dateOf } from '#src/kernel/time.ts';
import { type DisputeRecord, listDisputes } from '#src/payments/returning/disputes.ts';
import { withMerchant } from '../installation.ts';
import { type ListOptions, examples, listOptions } from '../options.ts';
import { printJsonList, printTable } from '../output.ts';

export function setup(group: Command): void {
  const list = group
    .command('list')
    .description('List payments that the payers’ banks took back, the newest first')
    .argument('<tenant>')
    .action(listAll);
  listOptions(examples(list, 'portal dispute list acme'));
}

async function listAll(username: string, { limit, json: asJson }: ListOptions): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const disputes = await listDisputes(merchant, limit);
    if (asJson) return printJsonList(disputes.map(disputeShape));
    const { timeZone } = merchant.tenant;
    const columns = [
      { title: 'payment', value: (dispute: DisputeRecord) => dispute.payment },
      { title: 'customer', most: 36, value: (dispute: DisputeRecord) => dispute.customerName },
      { title: 'opened', value: (dispute: DisputeRecord) => dateOf(dispute.openedAt, timeZone) },
      { title: 'state', value: (dispute: DisputeRecord) => dispute.state },
      { title: 'reason', most: 30, value: (dispute: DisputeRecord) => dispute.reason },
      {
        title: 'amount',
        align: 'right' as const,
        value: (dispute: DisputeRecord) => formatMoney(dispute.amount, 'en'),
      },
    ];
    printTable(disputes, columns, 'No payment is disputed.');
  });
}
