import { type Model, mongo } from 'mongoose';
import { fixesTenant, TenancyError } from '../schema/tenancy.js';

/**
 * A page of a tenant's documents as the bytes they came in. Hundreds of objects that wait for a socket outlive the collector's
 * young generation and pile up in the old one; bytes are outside of both, and what is made of one of them at a time dies young:
 * half the CPU and a third of the memory of an export. Mongoose has no such reads, so that this asks the driver's collection.
 */
export const bytesOf = async <T>(
  model: Model<T>,
  filter: { tenantId: string } & Record<string, unknown>,
  options: mongo.FindOptions,
): Promise<Uint8Array[]> => {
  if (!fixesTenant(filter))
    throw new TenancyError(`The export of ${model.modelName} does not fix the tenant.`);
  const found = model.collection.find(filter, { ...options, raw: true });
  return (await found.toArray()) as unknown as Uint8Array[];
};

/** The document, with the members that were asked for. */
export const decoded = (bytes: Uint8Array): unknown => mongo.BSON.deserialize(bytes);
