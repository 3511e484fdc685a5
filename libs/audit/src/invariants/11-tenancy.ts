import type { CollectionName } from '@commissary/store';
import type { Invariant, InvariantContext, Violation } from '../invariant.js';
import { inBatches } from '../reading/streams.js';
import { REFERENCES, type Reference } from '../tenancy/references.js';

interface Row {
  _id: string;
  /** One per reference of the collection: whose it says it is, and what it names. */
  refs: { tenantId: string | null; id: string | null }[];
}

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
  const refs = references.map(({ field, tenantField = 'tenantId', unless }) => ({
    tenantId: `$${tenantField}`,
    id: unless ? { $cond: [unless, null, `$${field}`] } : { $ifNull: [`$${field}`, null] },
  }));
  return snapshot.aggregate<Row>(from, [{ $project: { refs } }]);
};

async function* strays(
  { snapshot }: InvariantContext,
  batch: readonly Row[],
  index: number,
  { field, to }: Reference,
): AsyncIterable<Violation> {
  const ids = batch.map(({ refs }) => refs[index]?.id ?? null);
  // The tenant of what is named; a name without anything behind it leaves no tenant.
  const targets: ReadonlyMap<string, { tenantId: string }> = await snapshot.byIds(to, ids, ['tenantId']);
  for (const { _id, refs } of batch) {
    const { tenantId, id } = refs[index] ?? { tenantId: null, id: null };
    const target = targets.get(id ?? '');
    if (!target || target.tenantId === tenantId) continue;
    const detail = `of ${tenantId ?? 'no tenant'} names ${id ?? ''} of ${target.tenantId} (${field})`;
    yield { invariant: 11, subject: _id, detail };
  }
}
