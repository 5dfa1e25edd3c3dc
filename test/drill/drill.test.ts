import { expect, onTestFinished, test } from 'vitest';
import { freshDatabase } from '#test/support/postgres.ts';
import { audit, destroyReceipt } from './audit.ts';
import { dayInWords, type DrillOptions, type Report, runDrill } from './drill.ts';

const SEED = Number(process.env['DRILL_SEED'] ?? Date.now() % 1_000_000);
/** It ends when enough has happened; this is against one that never does. */
const MOST_SECONDS = 600;
const QUICK = {
  kills: 8,
  faultyPayments: 60,
  mostSeconds: MOST_SECONDS,
  town: { customers: 16, onAutopay: 4, invoicesEach: 14 },
  mails: true,
};
const BUSY = {
  kills: 0,
  faultyPayments: 20,
  mostSeconds: MOST_SECONDS,
  town: { customers: 12, onAutopay: 3, invoicesEach: 8, laterEach: 2 },
  faulty: 20,
  mails: true,
  errands: { imported: 3000, invoices: 6 },
};
const CONTROL = {
  kills: 1,
  faultyPayments: 30,
  mostSeconds: MOST_SECONDS,
  town: { customers: 12, onAutopay: 0, invoicesEach: 12 },
};

test.each(['sqlite', 'postgres'])(
  'kills, lost answers and jumping clocks during payments lose nothing and double nothing on %s',
  async (engine) => {
    const databaseUrl = engine === 'postgres' ? await freshDatabase('drill') : undefined;
    const report = await drill({ ...QUICK, seed: SEED, databaseUrl });
    const { lost, doubled } = report.found;
    process.stdout.write(
      `drill on ${engine}, seed ${SEED}: ${report.acknowledged} payments acknowledged, ${report.collected} collected by AutoPay, ${report.refunded} refunds, ${report.kills} kills, ${report.faults} faults, ${lost.length} lost, ${doubled.length} doubled\n`,
    );
    expect(report.found).toEqual({ lost: [], doubled: [], other: [] });
    expect(report.check).toEqual([]);
    expect(report.complaints).toEqual([]);
    expect(report.news).not.toHaveProperty('forged and taken in');
    expect(report.news['once']).toBeGreaterThan(0);
    expect(report.kills).toBeGreaterThan(0);
    expect(report.collected).toBeGreaterThan(0);
    expect(report.refunded).toBeGreaterThan(0);
    expect(report.faultyPayments).toBeGreaterThan(10);
    expect(report.mailed).toBeGreaterThan(0);

    await destroyReceipt(report.home, [...report.journal.values()][0]!.receipt);
    const afterDamage = (await audit(report.home, report.journal.values())).lost.join('\n');
    expect(afterDamage).toContain('a receipt that a customer saw is lost');
    expect(afterDamage).toContain('a charge that no payment of its amount shows');
  },
);

test('the drill notices a portal that asks a silent gateway again under a fresh key', async () => {
  const { found } = await drill({ ...CONTROL, seed: SEED + 1, control: 'a fresh key for each retry' });
  expect(found.doubled.join('\n')).toContain('an attempt that was charged more than once');
});

test.each(['sqlite', 'postgres'])(
  'an import, backups, promises and plans beside payments, with a slow mail server, lose and double nothing on %s',
  async (engine) => {
    const databaseUrl = engine === 'postgres' ? await freshDatabase('drill') : undefined;
    const report = await drill({ ...BUSY, seed: SEED + 3, databaseUrl });
    process.stdout.write(`busy day on ${engine}: ${dayInWords(report)}\n`);
    expect(report.found).toEqual({ lost: [], doubled: [], other: [] });
    expect(report.check).toEqual([]);
    expect(report.complaints).toEqual([]);
    expect(Object.keys(report.errands?.done ?? {}).toSorted()).toEqual(
      ['backup', 'import', 'plan', 'plan taken back', 'promise'].toSorted(),
    );
    expect(report.mailed).toBeGreaterThan(0);
    expect(report.pace?.pages).toBeGreaterThan(0);
  },
);

test('the drill notices a portal that sends a mail again until it is answered', async () => {
  const { found } = await drill({
    ...CONTROL,
    faultyPayments: 60,
    mails: true,
    seed: SEED + 4,
    control: 'mail is sent until it is answered',
  });
  expect(found.doubled.join('\n')).toContain('a mail that arrived twice');
});

test('the drill notices a portal that forgets what it began', async () => {
  const { found, forgotten } = await drill({ ...CONTROL, seed: SEED + 2, control: 'attempts are forgotten' });
  expect(forgotten).toBeGreaterThan(0);
  expect(found.lost.filter((text) => text.startsWith('a charge that no payment'))).not.toEqual([]);
});

async function drill(options: DrillOptions): Promise<Report> {
  const report = await runDrill(options);
  onTestFinished(() => report.home.remove());
  return report;
}
