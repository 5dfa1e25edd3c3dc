import { refuse } from '#src/kernel/errors.ts';
import { AUTOPAY_DELAY } from '#src/tenants/settings-catalogue.ts';
import { keptWays, readWays } from '#src/tenants/ways-to-pay.ts';

/** How a customer pays where it is not as the tenant's settings have it. */
export interface PayingTerms {
  /** Names of ways to pay. */
  readonly disabledMethods?: readonly string[] | undefined;
  /** Null: what the tenant's setting has. */
  readonly autopayDelayDays?: number | null | undefined;
}

/** The columns of such terms, undefined where nothing is said. Refuses `unknown_method` and `bad_delay`. */
export function payingFields({ disabledMethods, autopayDelayDays }: PayingTerms) {
  return {
    disabled_methods: disabledMethods && keptWays(readWays(disabledMethods)),
    autopay_delay_days:
      typeof autopayDelayDays === 'number' ? assertDelay(autopayDelayDays) : autopayDelayDays,
  };
}

function assertDelay(days: number): number {
  const { least, most } = AUTOPAY_DELAY;
  return Number.isInteger(days) && days >= least && days <= most
    ? days
    : refuse('bad_delay', { value: String(days), least, most });
}
