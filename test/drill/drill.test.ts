import { expect, onTestFinished, test } from 'vitest';
import { freshDatabase } from '#test/support/postgres.ts';
import { audit, destroyReceipt } from './audit.ts';
import { type DrillOptions, type Report, runDrill } from './drill.ts';

const SEED = Number(process.env['DRILL_SEED'] ?? Date.now() % 1_000_000);
const TIMEOUT_MS = 150_000;
const QUICK = {
  kills: 8,
  faultyPayments: 60,
  mostSeconds: 45,
  town: { customers: 16, onAutopay: 4, invoicesEach: 14 },
};
const CONTROL = {
  kills: 1,
  faultyPayments: 30,
  mostSeconds: 60,
  town: { customers: 12, onAutopay: 0, invoicesEach: 12 },
};

test.each(['sqlite', 'postgres'])(
  'kills, lost answers and jumping clocks during payments lose nothing and double nothing on %s',
  { timeout: TIMEOUT_MS },
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

    await destroyReceipt(report.home, [...report.journal.values()][0]!.receipt);
    const afterDamage = (await audit(report.home, report.journal.values())).lost.join('\n');
    expect(afterDamage).toContain('a receipt that a customer saw is lost');
    expect(afterDamage).toContain('a charge that no payment of its amount shows');
  },
);

test(
  'the drill notices a portal that asks a silent gateway again under a fresh key',
  { timeout: TIMEOUT_MS },
  async () => {
    const { found } = await drill({ ...CONTROL, seed: SEED + 1, control: 'a fresh key for each retry' });
    expect(found.doubled.join('\n')).toContain('an attempt that was charged more than once');
  },
);

test('the drill notices a portal that forgets what it began', { timeout: TIMEOUT_MS }, async () => {
  const { found, forgotten } = await drill({ ...CONTROL, seed: SEED + 2, control: 'attempts are forgotten' });
  expect(forgotten).toBeGreaterThan(0);
  expect(found.lost.filter((text) => text.startsWith('a charge that no payment'))).not.toEqual([]);
});

async function drill(options: DrillOptions): Promise<Report> {
  const report = await runDrill(options);
  onTestFinished(() => report.home.remove());
  return report;
}
