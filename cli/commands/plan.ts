import { type Command, InvalidArgumentError } from 'commander';
import { planShape } from '#src/api/collecting-shapes.ts';
import { findMerchantInvoice, type InvoiceRecord } from '#src/documents/merchant-invoices.ts';
import { refuse } from '#src/kernel/errors.ts';
import { formatMoney, parseMoney } from '#src/kernel/money.ts';
import { parseDate, todayIn } from '#src/kernel/time.ts';
import { type NewInstallment, scheduleOf, type Spacing } from '#src/payments/plans/plan-schedule.ts';
import { findPlan, type Installment, type PaymentPlan } from '#src/payments/plans/plan.ts';
import { attachPlan, cancelPlan, type Schedule } from '#src/payments/plans/plans.ts';
import { customerScope, type MerchantScope } from '#src/scope.ts';
import { withMerchant } from '../installation.ts';
import { type JsonOption, examples, gather, json, oneOf, wholeNumber } from '../options.ts';
import { printFacts, printJson, printTable, say, write } from '../output.ts';
import { urls } from '#src/portal/urls.ts';

interface AttachOptions extends JsonOption {
  readonly installment?: readonly string[];
  readonly count?: number;
  readonly amount?: string;
  readonly every: Spacing;
  readonly first?: string;
}

export function setup(group: Command): void {
  const attach = group
    .command('attach')
    .description(
      'Put an open invoice under a payment plan: by dates and amounts, or computed from its balance',
    )
    .argument('<tenant>')
    .argument('<invoice>', 'number or id')
    .option('--installment <date=amount>', 'one instalment, 2026-12-01=250.00; repeat it for each', gather)
    .option('--count <number>', 'compute so many instalments', wholeNumber)
    .option('--amount <amount>', 'compute instalments of this amount; the last is the rest')
    .addOption(
      oneOf('--every <spacing>', 'how far they are apart', ['day', 'week', 'month', 'year'], 'month'),
    )
    .option('--first <date>', 'the day of the first; today unless given')
    .action(attachOne);
  json(
    examples(
      attach,
      'portal plan attach acme INV-0001 --count 12 --every month --first 2026-12-01',
      'portal plan attach acme INV-0001 --installment 2026-12-01=250.00 --installment 2027-01-15=500.00',
    ),
  );
  const show = group
    .command('show')
    .description('Show the payment plan of an invoice')
    .argument('<tenant>')
    .argument('<invoice>', 'number or id')
    .action(showOne);
  json(examples(show, 'portal plan show acme INV-0001'));
  const cancel = group
    .command('cancel')
    .description('Take a payment plan back; nothing of it is collected any more')
    .argument('<tenant>')
    .argument('<invoice>', 'number or id')
    .action(cancelOne);
  json(examples(cancel, 'portal plan cancel acme INV-0001'));
}

async function attachOne(username: string, numberOrId: string, options: AttachOptions): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const invoice = await findMerchantInvoice(merchant, numberOrId);
    const plan = await attachPlan(merchant, invoice.id, scheduleFor(merchant, invoice, options));
    print(merchant, invoice, plan, options);
  });
}

async function showOne(username: string, numberOrId: string, options: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const invoice = await findMerchantInvoice(merchant, numberOrId);
    const plan = await findPlan(customerScope(merchant, invoice.customerId), invoice.id);
    if (!plan) return refuse('no_plan', { number: invoice.number });
    print(merchant, invoice, plan, options);
  });
}

async function cancelOne(username: string, numberOrId: string, options: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const { id, number, customerId } = await findMerchantInvoice(merchant, numberOrId);
    await cancelPlan(merchant, id);
    if (options.json) {
      const plan = await findPlan(customerScope(merchant, customerId), id);
      return printJson(planShape(plan!, merchant.tenant));
    }
    say(`Invoice ${number} has no payment plan any more; what is open is due as it was before.`);
  });
}

/** Exactly one way of saying what the instalments are. */
function scheduleFor(
  merchant: MerchantScope,
  { currency }: InvoiceRecord,
  { installment, count, amount, every, first }: AttachOptions,
): Schedule {
  const ways = [installment, count, amount].filter((way) => way !== undefined);
  if (ways.length !== 1)
    throw new InvalidArgumentError('Give either --installment, or --count, or --amount.');
  if (installment) return installment.map((text) => readInstallment(text, currency));
  const start =
    first === undefined ? todayIn(merchant.clock, merchant.tenant.timeZone).toString() : parseDate(first);
  const wish = { first: start, every };
  if (count !== undefined) return (balance) => scheduleOf(balance, { ...wish, count });
  const { minor } = parseMoney(amount!, currency);
  return (balance) => scheduleOf(balance, { ...wish, minor });
}

function readInstallment(text: string, currency: string): NewInstallment {
  const [date = '', amount = ''] = text.split('=');
  return { date: parseDate(date), minor: parseMoney(amount, currency).minor };
}

function print(
  { tenant }: MerchantScope,
  invoice: InvoiceRecord,
  plan: PaymentPlan,
  { json: asJson }: JsonOption,
): void {
  if (asJson) return printJson(planShape(plan, tenant));
  printFacts([
    ['Invoice', invoice.number],
    ['Customer', `${invoice.customerName} (${invoice.customerNumber})`],
    ['Plan', plan.state.replace('_', ' ')],
    ['Total', formatMoney(plan.total, 'en')],
    ['Open', formatMoney(plan.balance, 'en')],
    ['Approved', plan.approval && `from ${plan.approval.ip} with ${plan.approval.userAgent}`],
    ['Page', tenant.origin + urls.plan(invoice.clientId)],
  ]);
  write('\n');
  const columns = [
    { title: 'instalment', align: 'right' as const, value: ({ position }: Installment) => position },
    { title: 'date', value: ({ date }: Installment) => date },
    {
      title: 'amount',
      align: 'right' as const,
      value: ({ amount }: Installment) => formatMoney(amount, 'en'),
    },
    {
      title: 'open',
      align: 'right' as const,
      value: ({ balance }: Installment) => formatMoney(balance, 'en'),
    },
    { title: 'state', value: ({ state }: Installment) => state },
    { title: 'tries', align: 'right' as const, value: ({ attempts }: Installment) => attempts },
  ];
  printTable(plan.installments, columns, 'It has no instalments.');
}
