import type { Query, Schema } from 'mongoose';
import { operationOf } from './tenancy.js';

const READS = ['find', 'findOne', 'findOneAndUpdate', 'findOneAndReplace', 'findOneAndDelete'] as const;

/**
 * Refuses a read that would make mongoose documents of what MongoDB answers: nothing here needs their methods, and they cost several
 * times as much as plain objects.
 */
export const leanReadsPlugin = (schema: Schema): void => {
  schema.pre([...READS], { query: true, document: false }, function (this: Query<unknown, unknown>) {
    if (this.mongooseOptions().lean) return;
    throw new Error(`The ${operationOf(this)} of ${this.model.modelName} is not lean: end it with .lean().`);
  });
};
