import { foundation } from './001-foundation.ts';
import { listTotals } from './002-list-totals.ts';
import { paymentWishes } from './003-payment-wishes.ts';
import { looks } from './004-looks.ts';
import { collecting } from './005-collecting.ts';
import { planStarts } from './006-plan-starts.ts';
import { gatewayAccounts } from './007-gateway-accounts.ts';
import { offline } from './008-offline.ts';
import { expiryWarnings } from './009-expiry-warnings.ts';
import { collectedTogether } from './010-collected-together.ts';
import { promisedParts } from './011-promised-parts.ts';
import { sessionLinks } from './012-session-links.ts';
import { imports } from './013-imports.ts';
import { jobs } from './015-jobs.ts';
import type { Migration } from './migration.ts';

/** Every migration in order. A static list: folders do not exist in a bundle. */
export const migrations: readonly Migration[] = [
  foundation,
  listTotals,
  paymentWishes,
  looks,
  collecting,
  planStarts,
  gatewayAccounts,
  offline,
  expiryWarnings,
  collectedTogether,
  promisedParts,
  sessionLinks,
  imports,
  jobs,
];
