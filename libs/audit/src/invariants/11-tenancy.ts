import type { CollectionName } from '@commissary/store';
import type { Invariant, InvariantContext, Violation } from '../invariant.js';
import { absentIds } from '../reading/absent-ids.js';
import { inBatches } from '../reading/streams.js';
import { REFERENCES, type Reference } from '../tenancy/references.js';

/** Per reference of the collection, by its position: whose it says it is (`t0`), and what it names (`n0`). */
type Row = { _id: string } & Partial<Record<`t${number}` | `n${number}`, string | null>>;

const BATCH = 5_000;

export const referencesStayInTheirTenant: Invariant = {
  number: 11,
  title: 'no reference leaves its tenant',
  async *check(context) {
    for (const [from, references] of Object.entries(REFERENCES)) {
      for await (const batch of inBatches(rowsOf(context, from as CollectionName, references), BATCH)) {
        for (const [index, reference] of references.entries()) {
          yield* strays(context, batch, index, reference);
        }
      }
    }
  },
};

const rowsOf = (
  { snapshot }: InvariantContext,
  from: CollectionName,
  references: readonly Reference[],
): AsyncIterable<Row> => {
  const fields = references.flatMap(({ field, tenantField = 'tenantId', unless }, index) => [
    [`t${index}`, `$${tenantField}`],
    [`n${index}`, unless ? { $cond: [unless, null, `$${field}`] } : `$${field}`],
  ]);
  return snapshot.aggregate<Row>(from, [{ $project: Object.fromEntries(fields) as Record<string, object> }]);
};

interface Naming {
  _id: string;
  tenantId: string;
  id: string;
}

async function* strays(
  { snapshot }: InvariantContext,
  batch: readonly Row[],
  index: number,
  { field, to }: Reference,
): AsyncIterable<Violation> {
  const naming: Naming[] = batch.flatMap((row) => {
    const [tenantId, id] = [row[`t${index}`] ?? '', row[`n${index}`]];
    return typeof id === 'string' ? [{ _id: row._id, tenantId, id }] : [];
  });
  const absent = await absentIds(snapshot, to, naming);
  if (absent.size === 0) return;
  // A name without anything behind it leaves no tenant.
  const targets: ReadonlyMap<string, { tenantId: string }> = await snapshot.byIds(to, absent, ['tenantId']);
  for (const { _id, tenantId, id } of naming) {
    const target = targets.get(id);
    if (!target || target.tenantId === tenantId) continue;
    const detail = `of ${tenantId} names ${id} of ${target.tenantId} (${field})`;
    yield { invariant: 11, subject: _id, detail };
  }
}
