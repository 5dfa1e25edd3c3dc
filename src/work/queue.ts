/**
 * What waits in a lane, by tenant. Whoever takes the next one gets that of the tenant whose turn is longest ago: a tenant with very much waits no less than one
 * with a little.
 */
export class FairQueue<Entry> {
  readonly #waiting = new Map<number, Entry[]>();

  /** How many wait of a tenant. */
  of(tenantId: number): number {
    return this.#waiting.get(tenantId)?.length ?? 0;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  add(tenantId: number, entries: readonly Entry[]): void {
    if (entries.length > 0) this.#waiting.set(tenantId, [...(this.#waiting.get(tenantId) ?? []), ...entries]);
  }

  /** The next one of a tenant that may have another; undefined when there is none. */
  next(may: (tenantId: number) => boolean): Entry | undefined {
    for (const [tenantId, entries] of this.#waiting) {
      if (!may(tenantId)) continue;
      const [first, ...rest] = entries;
      // Put in again, the tenant stands behind the others.
      this.#waiting.delete(tenantId);
      this.add(tenantId, rest);
      return first;
    }
    return undefined;
  }

  clear(): void {
    this.#waiting.clear();
  }
}
