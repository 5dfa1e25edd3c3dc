import { refuse } from '#src/kernel/errors.ts';

/**
 * Whose rows a transaction reads and writes: those of one customer, or anything of a tenant. Customers of a tenant run beside one another; the same
 * customer's transactions, and those of the whole tenant, have the rows that they share to themselves.
 */
export interface Lane {
  readonly tenant: number;
  readonly customer?: number | undefined;
}

export interface LaneLimits {
  /** How long (ms) work waits for its turn until it is refused. */
  readonly patienceMs: number;
  /** How many customers of one tenant work at once: the others' connections are not theirs to take. */
  readonly customersAtOnce: number;
}

/**
 * The lanes within this process: who waits here holds no connection. Tenants know nothing of one another. Work is begun in the order in which it came,
 * but a customer's that waits for that customer's own lets others pass. Work whose turn comes too late is refused as `busy`: nobody waits for its
 * answer any more.
 */
export class Lanes {
  readonly #limits: LaneLimits;
  readonly #tenants = new Map<number, TenantLanes>();

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  async run<Answer>({ tenant, customer }: Lane, work: () => Promise<Answer>): Promise<Answer> {
    const lanes = this.#tenants.get(tenant) ?? new TenantLanes(this.#limits.customersAtOnce);
    this.#tenants.set(tenant, lanes);
    const until = performance.now() + this.#limits.patienceMs;
    const waited = lanes.enter(customer);
    if (waited) await waited;
    try {
      if (waited && performance.now() > until) refuse('busy');
      return await work();
    } finally {
      lanes.leave(customer);
      if (lanes.isEmpty) this.#tenants.delete(tenant);
    }
  }
}

/** Who works: a customer, or undefined for the whole tenant. */
type Who = number | undefined;

class TenantLanes {
  readonly #customersAtOnce: number;
  readonly #working = new Set<Who>();
  #waiting: Array<{ readonly who: Who; readonly begin: () => void }> = [];

  constructor(customersAtOnce: number) {
    this.#customersAtOnce = customersAtOnce;
  }

  get isEmpty(): boolean {
    return this.#working.size === 0 && this.#waiting.length === 0;
  }

  /** Waits for a turn; undefined when there was nothing to wait for. */
  enter(who: Who): Promise<void> | undefined {
    const turn = Promise.withResolvers<void>();
    let isMine = false;
    this.#waiting.push({ who, begin: () => void ((isMine = true), turn.resolve()) });
    this.#beginWhoMay();
    return isMine ? undefined : turn.promise;
  }

  leave(who: Who): void {
    this.#working.delete(who);
    this.#beginWhoMay();
  }

  #beginWhoMay(): void {
    const passed = new Set<Who>();
    this.#waiting = this.#waiting.filter(({ who, begin }) => {
      if (!this.#mayBegin(who, passed)) {
        passed.add(who);
        return true;
      }
      this.#working.add(who);
      begin();
      return false;
    });
  }

  /** Nobody passes a tenant's work that waits, nor a customer that customer's own. */
  #mayBegin(who: Who, passed: ReadonlySet<Who>): boolean {
    if (this.#working.has(undefined) || passed.has(undefined)) return false;
    if (who === undefined) return this.#working.size === 0 && passed.size === 0;
    if (this.#working.has(who) || passed.has(who)) return false;
    return this.#working.size < this.#customersAtOnce;
  }
}
