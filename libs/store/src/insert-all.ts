import type { Model } from 'mongoose';
import type { Session } from './database.js';

/**
 * Inserts documents as they are, in one command. Mongoose does not cast or copy them: the compiler has checked their shape, and
 * MongoDB checks it again by the collection's validator.
 */
export const insertAll = async <T>(model: Model<T>, rows: readonly T[], session?: Session): Promise<void> => {
  if (rows.length > 0) await model.insertMany(rows as never, { ...(session && { session }), lean: true });
};
