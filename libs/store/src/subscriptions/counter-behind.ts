import { mongo } from 'mongoose';
import type { SubscriptionDocument } from '../collections/index.js';

/**
 * Fewer seats are assigned than licenses were taken away: the counter is not of this moment, and the transaction is to run again.
 */
export const counterBehind = (subscriptionId: string): mongo.MongoError => {
  const error = new mongo.MongoError(`licenses of ${subscriptionId} are yet to be counted`);
  error.addErrorLabel('TransientTransactionError');
  return error;
};

/**
 * Throws `counterBehind` for a counter below zero, unless seats are promised to a move: licenses that its second half brought
 * here are counted later, after a pause much later, and whoever takes one away meanwhile need not wait for that.
 */
export const requireCounted = ({ _id, seats }: Pick<SubscriptionDocument, '_id' | 'seats'>): void => {
  if (seats.assigned < 0 && seats.reservations.length === 0) throw counterBehind(_id);
};
