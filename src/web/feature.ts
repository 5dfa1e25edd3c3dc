import type { Switch } from '#src/portal/page.ts';
import type { Settings } from '#src/tenants/settings-catalogue.ts';

/** Whether a tenant's setting has what depends on it switched off. A setting that is not in the catalogue has. */
export function isOff({ setting, off }: Switch, settings: Settings): boolean {
  const found = Object.entries(settings).find(([name]) => name === setting);
  return found === undefined || found[1] === off;
}
