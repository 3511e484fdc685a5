import { setTimeout as delay } from 'node:timers/promises';
import type { CollectionName, Database } from '@commissary/store';
import type { AuditContext, Invariant, Violation } from './invariant.js';
import { INVARIANTS } from './invariants/index.js';
import { Snapshot } from './reading/snapshot.js';

export interface AuditReport {
  violations: Violation[];
  /** What could not be checked, in words that begin with the invariant's number. */
  notChecked: string[];
  /** How many of each there were to check. */
  checked: Partial<Record<CollectionName, number>>;
}

const COUNTED: readonly CollectionName[] = [
  'tenants',
  'users',
  'subscriptions',
  'licenses',
  'orders',
  'payments',
  'ledger',
  'operations',
  'events',
  'notifications',
  'audit',
];

/**
 * Checks every invariant and changes nothing. Each reads one snapshot of its own; what open operations explain is no
 * violation. Throws where MongoDB, or a journal or Redis that was given, cannot be read. [OPS-5]
 */
export const runAudit = async (context: AuditContext): Promise<AuditReport> => {
  const report: AuditReport = { violations: [], notChecked: [], checked: {} };
  for (const invariant of INVARIANTS) {
    const omitted = invariant.notChecked?.(context) ?? null;
    if (omitted) report.notChecked.push(omitted);
    report.violations.push(
      ...(await withSnapshot(context.database, (snapshot) => check(invariant, context, snapshot))),
    );
  }
  await withSnapshot(context.database, async (snapshot) => {
    for (const name of COUNTED) report.checked[name] = await snapshot.count(name);
  });
  return report;
};

const check = async (
  invariant: Invariant,
  context: AuditContext,
  snapshot: Snapshot,
): Promise<Violation[]> => {
  const now = await context.database.serverTime();
  const found: Violation[] = [];
  for await (const violation of invariant.check({ ...context, snapshot, now })) found.push(violation);
  return found;
};

const TRIES = 5;
const RETRY_MS = 200;
/** `SnapshotUnavailable`: a collection or an index has just been made, and the snapshot is from before. */
const SNAPSHOT_UNAVAILABLE = 246;

const withSnapshot = async <T>(database: Database, work: (snapshot: Snapshot) => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await Snapshot.with(database, work);
    } catch (error) {
      if ((error as { code?: unknown }).code !== SNAPSHOT_UNAVAILABLE || tries === TRIES) throw error;
      await delay(RETRY_MS);
    }
  }
};
