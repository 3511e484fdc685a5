import type { Aggregate, AnyBulkWriteOperation, Query, Schema } from 'mongoose';

/** A query, update or aggregation of tenants' documents does not say whose documents it is about. */
export class TenancyError extends Error {
  override readonly name = 'TenancyError';
}

/**
 * The option of a query that is about several tenants' documents, or about one document whose unguessable key is all that is
 * known of it. The reason says who needs that, such as `dispatcher: whatever is due`.
 */
export const acrossTenants = (reason: string): { acrossTenants: string } => ({ acrossTenants: reason });

const QUERIES = [
  'find',
  'findOne',
  'countDocuments',
  'estimatedDocumentCount',
  'distinct',
  'updateOne',
  'updateMany',
  'replaceOne',
  'deleteOne',
  'deleteMany',
  'findOneAndUpdate',
  'findOneAndReplace',
  'findOneAndDelete',
] as const;

/** Stages that read or write another collection than the one the aggregation begins with. */
const LEAVES_COLLECTION = new Set(['$lookup', '$graphLookup', '$unionWith', '$merge', '$out']);

/**
 * Refuses every query, update, deletion and aggregation of a tenant's collection that does not fix the tenant, unless it says by
 * `acrossTenants` why it need not. Throws `TenancyError` before anything is sent to MongoDB.
 */
export const tenancyPlugin = (schema: Schema): void => {
  schema.pre([...QUERIES], { query: true, document: false }, function (this: Query<unknown, unknown>) {
    if (mayCross(this.getOptions()) || fixesTenant(this.getFilter())) return;
    throw refused(this.model.modelName, operationOf(this));
  });
  schema.pre('aggregate', function (this: Aggregate<unknown>) {
    const [first, ...rest] = this.pipeline() as object[];
    if (mayCross(this.options)) return;
    const { modelName } = this.model();
    if (!isMatch(first) || !fixesTenant(first.$match)) throw refused(modelName, 'aggregate');
    if (leavesCollection(rest))
      throw refused(modelName, 'aggregation that reads or writes another collection');
  });
  schema.pre('bulkWrite', function (this: { modelName: string }, operations, options) {
    if (mayCross(options) || operations.every(isOfOneTenant)) return;
    throw refused(this.modelName, 'bulkWrite');
  });
  schema.pre('insertMany', function (this: { modelName: string }, documents: unknown) {
    if ([documents].flat().every(fixesTenant)) return;
    throw refused(this.modelName, 'insertMany');
  });
};

/** Such as `updateMany`; mongoose keeps it in a member that its types leave out. */
export const operationOf = (query: Query<unknown, unknown>): string =>
  (query as unknown as { op: string }).op;

const refused = (model: string, operation: string): TenancyError =>
  new TenancyError(`The ${operation} of ${model} does not fix the tenant.`);

const mayCross = (options: unknown): boolean => {
  const reason = (options as { acrossTenants?: unknown } | undefined)?.acrossTenants;
  return typeof reason === 'string' && reason !== '';
};

/** Whether all that the filter (or document) can be about is of one tenant. */
export const fixesTenant = (filter: unknown): boolean => {
  if (filter === null || typeof filter !== 'object') return false;
  const { tenantId, $and, $or } = filter as { tenantId?: unknown; $and?: unknown; $or?: unknown };
  if (isTenantId(tenantId)) return true;
  if (Array.isArray($and) && $and.some(fixesTenant)) return true;
  return Array.isArray($or) && $or.length > 0 && $or.every(fixesTenant);
};

const isTenantId = (value: unknown): boolean =>
  typeof value === 'string'
    ? value !== ''
    : value !== null &&
      typeof value === 'object' &&
      Object.keys(value).length === 1 &&
      isTenantId((value as { $eq?: unknown }).$eq);

const isMatch = (stage: object | undefined): stage is { $match: unknown } =>
  stage !== undefined && '$match' in stage;

const leavesCollection = (value: unknown): boolean => {
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(
    ([key, inner]) => (LEAVES_COLLECTION.has(key) && !Array.isArray(value)) || leavesCollection(inner),
  );
};

/** Any operation of a bulk write: its filter, or the document that it inserts. */
const isOfOneTenant = (operation: AnyBulkWriteOperation): boolean =>
  Object.values(operation).every((given: { filter?: unknown; document?: unknown }) =>
    fixesTenant('document' in given ? given.document : given.filter),
  );
