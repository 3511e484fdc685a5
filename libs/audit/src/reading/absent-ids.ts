import type { DocumentOf, QueryFilter } from '@commissary/store';
import type { Snapshot } from './snapshot.js';

type Owned =
  'users' | 'subscriptions' | 'orders' | 'invoices' | 'quotes' | 'paymentMethods' | 'operations' | 'events';

export interface OwnedId {
  tenantId: string;
  id: string;
}

/** More tenants in one batch than this are read; of fewer the documents are counted, which an index answers alone. */
const COUNTED_TENANTS = 50;

/**
 * Those of the ids that name no document of their tenant. Nearly always there are none, and a count says so without
 * reading a million documents.
 */
export const absentIds = async (
  snapshot: Snapshot,
  name: Owned,
  owned: readonly OwnedId[],
): Promise<ReadonlySet<string>> => {
  const byTenant = new Map<string, Set<string>>();
  for (const { tenantId, id } of owned) {
    byTenant.set(tenantId, (byTenant.get(tenantId) ?? new Set()).add(id));
  }
  const suspects =
    byTenant.size > COUNTED_TENANTS ? [...byTenant] : await uncounted(snapshot, name, byTenant);
  const absent = new Set<string>();
  const found: ReadonlyMap<string, { tenantId: string }> = await snapshot.byIds(
    name,
    suspects.flatMap(([, ids]) => [...ids]),
    ['tenantId'],
  );
  for (const [tenantId, ids] of suspects) {
    for (const id of ids) if (found.get(id)?.tenantId !== tenantId) absent.add(id);
  }
  return absent;
};

const uncounted = async (
  snapshot: Snapshot,
  name: Owned,
  byTenant: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<[string, ReadonlySet<string>][]> => {
  const suspects: [string, ReadonlySet<string>][] = [];
  for (const [tenantId, ids] of byTenant) {
    const where = { tenantId, _id: { $in: [...ids] } } as unknown as QueryFilter<DocumentOf<Owned>>;
    if ((await snapshot.count(name, where)) !== ids.size) suspects.push([tenantId, ids]);
  }
  return suspects;
};
