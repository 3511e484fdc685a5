import { isEnded, OPERATION_PATHS, SUBSCRIPTION_PATHS } from '@commissary/domain';
import type { OperationDocument, SubscriptionDocument } from '@commissary/store';
import { LIFE_FIELDS, lifeFaults } from '../life/life-faults.js';
import type { Invariant, InvariantContext, Violation } from '../invariant.js';
import { mergeJoin } from '../reading/streams.js';

export const historiesAreLegal: Invariant = {
  number: 8,
  title:
    'every history is a legal path; ended states never change; versions have no gap; what is due follows from it',
  async *check(context) {
    const { snapshot } = context;
    for await (const one of snapshot.find('operations', {
      fields: ['status', 'history', 'version', 'endedAt'],
    })) {
      yield* operationFaults(one).map((detail) => violation(one._id, detail));
    }
    const subscriptions = snapshot.find('subscriptions', { fields: ['version', ...LIFE_FIELDS] });
    for await (const one of subscriptions) {
      yield* [...subscriptionFaults(one), ...lifeFaults(one)].map((detail) => violation(one._id, detail));
    }
    yield* policyFaults(context);
  },
};

/** Every process tells the database's time by itself between two looks at it. */
const CLOCKS_DIFFER_MS = 1_000;

const violation = (subject: string, detail: string): Violation => ({ invariant: 8, subject, detail });

/** From `first` step by step along `paths` to `status`. */
const pathFaults = <S extends string>(
  history: readonly { status: S }[],
  status: S,
  first: S,
  paths: Record<S, readonly S[]>,
): string[] => {
  const faults: string[] = [];
  const steps = history.map((entry) => entry.status);
  if (steps[0] !== first) faults.push(`began as ${steps[0] ?? 'nothing'}`);
  for (const [index, to] of steps.entries()) {
    const from = steps[index - 1];
    if (from !== undefined && !paths[from].includes(to)) faults.push(`went from ${from} to ${to}`);
  }
  if (steps.at(-1) !== status)
    faults.push(`is ${status}, and its history ends with ${steps.at(-1) ?? 'nothing'}`);
  return faults;
};

const operationFaults = (
  operation: Pick<OperationDocument, 'status' | 'history' | 'version' | 'endedAt'>,
): string[] => {
  const { status, history, version, endedAt } = operation;
  const faults = pathFaults(history, status, 'accepted', OPERATION_PATHS);
  if (isEnded(status) !== (endedAt !== null)) faults.push(`is ${status}, and its end is ${String(endedAt)}`);
  // Every change of status raises the version.
  if (version < history.length) faults.push(`is at version ${version} after ${history.length} statuses`);
  return faults;
};

const subscriptionFaults = ({
  status,
  history,
  version,
}: Pick<SubscriptionDocument, 'status' | 'history' | 'version'>): string[] => {
  const faults = pathFaults(history, status, 'active', SUBSCRIPTION_PATHS);
  if (version < history.length) faults.push(`is at version ${version} after ${history.length} statuses`);
  for (const [index, { status: to, at }] of history.entries()) {
    const before = history[index - 1]?.at ?? at;
    if (at.getTime() < before.getTime() - CLOCKS_DIFFER_MS) {
      faults.push(`became ${to} at ${at.toISOString()}, before it was ${history[index - 1]?.status ?? ''}`);
    }
  }
  return faults;
};

/** A tenant's policy is at version n after the changes 1 to n. */
async function* policyFaults({ snapshot }: InvariantContext): AsyncIterable<Violation> {
  const joined = mergeJoin(
    {
      rows: snapshot.find('policies', { fields: ['version'], sort: { _id: 1 } }),
      key: (policy) => policy._id,
    },
    {
      rows: snapshot.find('policyChanges', {
        fields: ['tenantId', 'version'],
        sort: { tenantId: 1, version: 1 },
      }),
      key: (change) => change.tenantId,
    },
  );
  for await (const { key, left, right } of joined) {
    const gap = right.findIndex(({ version }, index) => version !== index + 1);
    if (gap >= 0)
      yield violation(key, `its policy's change ${gap + 1} is numbered ${right[gap]?.version ?? 'nothing'}`);
    const version = left[0]?.version ?? 0;
    if (version !== right.length) {
      yield violation(key, `its policy is at version ${version} after ${right.length} changes`);
    }
  }
}
