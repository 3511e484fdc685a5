import { Schema } from 'mongoose';
import { type Field, type Fields } from './fields.js';
import { type JsonSchema, jsonSchemaOf } from './json-schema.js';
import { leanReadsPlugin } from './lean-reads.js';
import { tenancyPlugin } from './tenancy.js';
import { transactionsPlugin } from './transactions.js';

/** An index, and the query that it is there for. */
export interface Index {
  key: Record<string, 1 | -1>;
  unique?: true;
  partialFilterExpression?: Record<string, unknown>;
  expireAfterSeconds?: number;
  /** Named where a query names it as its hint; otherwise MongoDB makes a name of the key. */
  name?: string;
  /** What it serves, in one sentence. */
  serves: string;
}

/** How long documents are kept: until `seconds` after the time in `field`. A document without that time is kept. */
export interface Retention {
  field: string;
  seconds: number;
}

export interface CollectionOptions<T> {
  /** Whose the documents are: a tenant's, each with its `tenantId`, or the platform's. */
  owner: 'tenant' | 'platform';
  /** Null: documents are kept for good, or removed by name. */
  retention: Retention | null;
  fields: Fields<T>;
  indexes: readonly Index[];
  /** False where MongoDB does not check documents, because that costs too much; the figure stands beside it. */
  validated?: boolean;
}

/** One collection of the database: its documents' shape, its indexes, whose it is, and how long it keeps them. */
export interface CollectionDefinition<T> {
  name: string;
  owner: 'tenant' | 'platform';
  schema: Schema<T>;
  indexes: readonly Index[];
  /** What MongoDB checks of each document that is written, whatever wrote it; null where it checks nothing. */
  validator: { $jsonSchema: JsonSchema } | null;
}

/** Declares a collection. Nothing is created by this: the migrations make the database what the declarations say. [OPS-8] */
export const defineCollection = <T extends { _id: string }>(
  name: string,
  { owner, retention, fields, indexes, validated = true }: CollectionOptions<T>,
): CollectionDefinition<T> => {
  const schema = new Schema<T>(fields as Record<string, Field> as never, {
    collection: name,
    strict: 'throw',
    strictQuery: 'throw',
    versionKey: false,
    autoIndex: false,
    autoCreate: false,
    minimize: false,
    id: false,
  });
  schema.plugin(transactionsPlugin as never);
  schema.plugin(leanReadsPlugin as never);
  if (owner === 'tenant') schema.plugin(tenancyPlugin as never);
  const all = retention ? [...indexes, indexOf(retention)] : indexes;
  // So that whoever asks the model for its indexes is told the same.
  for (const { serves: _serves, key, ...options } of all) schema.index(key, options);
  const validator = validated ? { $jsonSchema: jsonSchemaOf(schema as never) } : null;
  return { name, owner, schema, indexes: all, validator };
};

const indexOf = ({ field, seconds }: Retention): Index => ({
  key: { [field]: 1 },
  expireAfterSeconds: seconds,
  serves: 'MongoDB removes documents whose time of retention is over. [RET-1]',
});
