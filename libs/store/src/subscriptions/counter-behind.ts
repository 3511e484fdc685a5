import { MongoError } from 'mongodb';

/**
 * A counter of assigned seats would fall below zero: licenses that the second half of a running move brought here are not counted
 * yet. Within a chunk they are, so that the transaction is to run again.
 */
export const counterBehind = (subscriptionId: string): MongoError => {
  const error = new MongoError(`licenses of ${subscriptionId} are yet to be counted`);
  error.addErrorLabel('TransientTransactionError');
  return error;
};
