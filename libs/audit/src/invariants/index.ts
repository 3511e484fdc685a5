import type { Invariant } from '../invariant.js';
import { seatsAddUp } from './01-seats.js';
import { licensesBelong } from './02-licenses.js';
import { chargedOnce } from './03-charges.js';
import { ledgerBalances } from './04-ledger.js';
import { unknownPaymentsAreChecked } from './05-unknown-payments.js';
import { progressAddsUp } from './06-progress.js';
import { oneTakeOverAtATime } from './07-one-at-a-time.js';
import { historiesAreLegal } from './08-histories.js';
import { eventsHaveTheirMails } from './09-mails.js';
import { dueOperationsAreQueued } from './10-due-operations.js';
import { referencesStayInTheirTenant } from './11-tenancy.js';
import { keysNameOneOperation } from './12-idempotency.js';
import { changesAreAudited } from './13-audit-trail.js';
import { redisHoldsIdsOnly } from './14-redis-ids.js';

/** All of them, in the order of their numbers. */
export const INVARIANTS: readonly Invariant[] = [
  seatsAddUp,
  licensesBelong,
  chargedOnce,
  ledgerBalances,
  unknownPaymentsAreChecked,
  progressAddsUp,
  oneTakeOverAtATime,
  historiesAreLegal,
  eventsHaveTheirMails,
  dueOperationsAreQueued,
  referencesStayInTheirTenant,
  keysNameOneOperation,
  changesAreAudited,
  redisHoldsIdsOnly,
];
