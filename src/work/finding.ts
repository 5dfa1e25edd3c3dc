import type { App } from '../app.ts';
import { itemsKept } from '../jobs/leases.ts';
import { nowMs } from '../kernel/time.ts';
import type { MerchantScope } from '../scope.ts';
import { findTenantById, openMerchant } from '../tenants/tenants.ts';
import type { DueItem, Job } from './job.ts';

/** Something that a job has to do for a tenant. */
export interface Task {
  readonly job: Job;
  readonly merchant: MerchantScope;
  readonly due: DueItem;
}

/** What tells a task from every other. */
export function keyOf({ job, merchant, due }: Task): string {
  return `${merchant.tenant.id}/${job.name}/${due.item}`;
}

/** What a job may do for a tenant now, the oldest first, at most so many. */
export async function findTasks(app: App, job: Job, tenantId: number, most: number): Promise<Task[]> {
  const operator = app.operator('worker');
  const merchant = await openMerchant(operator, await findTenantById(operator, tenantId));
  const free = await freeItems(merchant, job, most, nowMs(app.ports.clock));
  return free.map((due) => ({ job, merchant, due }));
}

/** What is due, without what somebody works on, what waits for its next try, and what was given up. */
export async function freeItems(
  merchant: MerchantScope,
  job: Job,
  most: number,
  now: number,
): Promise<DueItem[]> {
  const kept = await itemsKept(merchant, job.name, now);
  const found = await job.due(merchant, most + kept.size);
  return found.filter(({ item }) => !kept.has(item)).slice(0, most);
}

/** Ids of the tenants that a job may have something to do for, beginning after the one that was served last. */
export async function tenantsOf(app: App, job: Job, after = 0): Promise<number[]> {
  const ids = await job.tenants(app.ports.store, nowMs(app.ports.clock));
  return [...ids.filter((id) => id > after), ...ids.filter((id) => id <= after)];
}
