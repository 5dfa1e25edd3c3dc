import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import BetterSqlite from 'better-sqlite3';
import type { Town } from './customer.ts';
import type { Installation } from './town.ts';

const PORTAL = fileURLToPath(new URL('../../cli/portal', import.meta.url));

export interface Errands {
  /** Customers in the file that is imported. */
  readonly imported: number;
  /** How many of the invoices that AutoPay is to collect later are promised, put under a plan, and taken out of it again. */
  readonly invoices: number;
}

type Errand = 'import' | 'backup' | 'promise' | 'plan' | 'plan taken back';

/**
 * Somebody at the merchant's with a command line, while customers pay: imports a long file, backs up, notes promises for invoices that AutoPay collects, puts
 * such invoices under plans and takes the plans back. Refusals are answers; a mistake of the portal is a complaint.
 */
export class Merchant {
  readonly #home: Installation;
  readonly #town: Town;
  readonly #invoices: readonly string[];
  readonly #errands: Errands;
  /** How often each was done, and how long (s) the longest took. */
  readonly done: Partial<Record<Errand, number>> = {};
  readonly longest: Partial<Record<Errand, number>> = {};
  readonly refused: string[] = [];

  constructor(home: Installation, town: Town, invoices: readonly string[], errands: Errands) {
    this.#home = home;
    this.#town = town;
    this.#invoices = invoices;
    this.#errands = errands;
  }

  /** Goes on until the drill is over; says when everything was done once. */
  async work(through: () => void): Promise<void> {
    const plans = this.#changePlans();
    const file = this.#writeCustomers();
    for (let rounds = 0; rounds === 0 || !this.#town.over; rounds++) {
      await Promise.all([
        this.#run('import', ['import', 'csv', 'globex', '--customers', file]),
        sleep(200).then(() => this.#backUp(rounds)),
      ]);
      if (rounds > 0) continue;
      await plans;
      through();
    }
  }

  async #backUp(round: number): Promise<void> {
    const path = join(this.#home.bankDir, `backup-${round % 2}`);
    const isDone = await this.#run('backup', ['db', 'backup', path, '--force']);
    if (isDone && !this.#home.databaseUrl && !isSound(path))
      this.#town.complaints.push('a backup that was made is damaged');
  }

  async #changePlans(): Promise<void> {
    const today = Temporal.Now.plainDateISO();
    for (const [n, number] of this.#invoices.slice(0, this.#errands.invoices).entries()) {
      if (this.#town.over) return;
      const later = today.add({ days: 3 + n }).toString();
      if (n % 2 === 0) await this.#run('promise', ['promise', 'add', 'acme', number, later]);
      const plan = ['--count', '3', '--every', 'day', '--first', today.toString()];
      if (n % 4 < 3) await this.#run('plan', ['plan', 'attach', 'acme', number, ...plan]);
      await sleep(this.#town.dice(400));
      if (n % 4 < 2) await this.#run('plan taken back', ['plan', 'cancel', 'acme', number]);
    }
  }

  #writeCustomers(): string {
    const path = join(this.#home.bankDir, 'customers.csv');
    const rows = Array.from(
      { length: this.#errands.imported },
      (_, n) => `G-${n},Customer ${n} of the file,g${n}@globex.example`,
    );
    writeFileSync(path, `Number,Name,Email\n${rows.join('\n')}\n`);
    return path;
  }

  /** Answers whether the command did its work. */
  async #run(errand: Errand, args: readonly string[]): Promise<boolean> {
    const started = performance.now();
    const { code, said } = await portal(this.#home.environment, args);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    if (code === 0) {
      this.done[errand] = (this.done[errand] ?? 0) + 1;
      this.longest[errand] = Math.max(this.longest[errand] ?? 0, seconds);
    } else if (code === 1) {
      this.refused.push(`${errand}: ${said}`);
    } else if (!this.#town.tolerant) {
      this.#town.complaints.push(`“portal ${args.join(' ')}” ended with ${code}: ${said.slice(0, 300)}`);
    }
    return code === 0;
  }
}

function portal(
  environment: Record<string, string>,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly said: string }> {
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  const child = spawn(PORTAL, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said }));
  });
}

function isSound(path: string): boolean {
  const file = new BetterSqlite(path, { readonly: true });
  const sound = file.pragma('integrity_check', { simple: true }) === 'ok';
  file.close();
  return sound;
}
