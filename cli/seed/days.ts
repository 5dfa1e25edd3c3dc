import { type Clock, nowMs, todayIn } from '#src/kernel/time.ts';
import type { MerchantScope } from '#src/scope.ts';

/** Documents are made and payments arrive at ten in the morning. */
const HOUR = 10;

/** The same merchant some days ago, in the morning; never in the future. */
export function at(merchant: MerchantScope, day: number): MerchantScope {
  const { clock, tenant } = merchant;
  const morning = todayIn(clock, tenant.timeZone)
    .add({ days: day })
    .toZonedDateTime({ timeZone: tenant.timeZone, plainTime: { hour: HOUR } })
    .toInstant();
  const isPast = morning.epochMilliseconds <= nowMs(clock);
  const then: Clock = isPast ? { now: () => morning } : clock;
  return { ...merchant, clock: then };
}

/** The civil date so many days from today, in the tenant's time zone. */
export function dayText({ clock, tenant }: Pick<MerchantScope, 'clock' | 'tenant'>, day: number): string {
  return todayIn(clock, tenant.timeZone).add({ days: day }).toString();
}
