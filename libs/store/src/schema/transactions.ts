import type { Query, Schema } from 'mongoose';

const QUERIES = [
  'find',
  'findOne',
  'countDocuments',
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

/**
 * A query whose optional session was not given is part of the transaction that it runs in, like a query that names none: mongoose
 * would take `session: undefined` for the wish to be outside of it. That wish is `session: null`.
 */
export const transactionsPlugin = (schema: Schema): void => {
  schema.pre([...QUERIES], { query: true, document: false }, function (this: Query<unknown, unknown>) {
    forgetUndefined(this.getOptions());
  });
  schema.pre('aggregate', function () {
    forgetUndefined(this.options);
  });
};

const forgetUndefined = (options: { session?: unknown }): void => {
  if ('session' in options && options.session === undefined) delete options.session;
};
