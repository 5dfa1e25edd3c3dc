import { type Command, InvalidArgumentError } from 'commander';
import type { App } from '#src/app.ts';
import { parseDate, parseDuration, startOfDayMs } from '#src/kernel/time.ts';
import { moveTestClock } from '#src/payments/news/test-clock.ts';
import { clockOf } from '#src/tenants/test-clock.ts';
import type { Tenant } from '#src/tenants/tenant.ts';
import { findTenant } from '#src/tenants/tenants.ts';
import { withApp } from '../installation.ts';
import { type JsonOption, examples, json } from '../options.ts';
import { printJson, write } from '../output.ts';

/** From the present clock (epoch ms) of a tenant to the one it shall have; undefined is real time. */
type Move = (now: number, tenant: Tenant) => number | undefined;

export function setup(group: Command): void {
  const show = group
    .command('show')
    .description('Show what time it is for a tenant')
    .argument('<tenant>')
    .action((username: string, options: JsonOption) => showClock(username, options));
  json(examples(show, 'portal clock show acme'));
  const set = group
    .command('set')
    .description('Set the time of a test tenant; it stands still there')
    .argument('<tenant>')
    .argument('<moment>', '2026-12-01 (its start in the tenant’s time zone), or 2026-12-01T09:30:00Z')
    .action((username: string, moment: string, options: JsonOption) =>
      moveClock(username, options, (_now, tenant) => readMoment(moment, tenant)),
    );
  json(examples(set, 'portal clock set acme 2026-12-01'));
  const advance = group
    .command('advance')
    .description('Move the time of a test tenant on')
    .argument('<tenant>')
    .argument('<duration>', '30m, 6h or 7d', readDuration)
    .action((username: string, seconds: number, options: JsonOption) =>
      moveClock(username, options, (now) => now + seconds * 1000),
    );
  json(examples(advance, 'portal clock advance acme 1d'));
  const reset = group
    .command('reset')
    .description('Let a test tenant live in real time again')
    .argument('<tenant>')
    .action((username: string, options: JsonOption) => moveClock(username, options, () => undefined));
  json(examples(reset, 'portal clock reset acme'));
}

async function showClock(username: string, options: JsonOption): Promise<void> {
  await withApp(async (app) => print(app, await findTenant(app.operator(), username), options));
}

async function moveClock(username: string, options: JsonOption, move: Move): Promise<void> {
  await withApp(async (app) => {
    const operator = app.operator();
    const tenant = await findTenant(operator, username);
    const at = move(clockOf(operator, tenant), tenant);
    print(app, await moveTestClock(operator, tenant, at), options);
  });
}

function print(app: App, tenant: Tenant, { json: asJson }: JsonOption): void {
  const now = Temporal.Instant.fromEpochMilliseconds(clockOf(app.operator(), tenant));
  const zoned = now.toZonedDateTimeISO(tenant.timeZone);
  const stands = tenant.testClockAt !== undefined;
  if (asJson) return printJson({ now: now.toString(), time_zone: tenant.timeZone, test_clock: stands });
  const local = zoned.toString({ smallestUnit: 'second', timeZoneName: 'never', offset: 'never' });
  write(`${local.replace('T', ' ')} ${tenant.timeZone}${stands ? ' (test clock)' : ''}\n`);
}

function readMoment(text: string, tenant: Tenant): number {
  if (!text.includes('T')) return startOfDayMs(parseDate(text), tenant.timeZone);
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return startOfDayMs(parseDate(text), tenant.timeZone);
  }
}

function readDuration(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    throw new InvalidArgumentError('Write a number and a unit: 30m, 6h or 7d.');
  }
}
