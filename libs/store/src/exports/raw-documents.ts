import { BSON, type FindCursor } from 'mongodb';

/**
 * A page of documents as the bytes they came in, of a cursor that was made with `raw`. Hundreds of objects that wait for a socket
 * outlive the collector's young generation and pile up in the old one; bytes are outside of both, and what is made of one of
 * them at a time dies young: half the CPU and a third of the memory of an export.
 */
export const bytesOf = async (cursor: FindCursor<object>): Promise<Uint8Array[]> =>
  (await cursor.toArray()) as unknown as Uint8Array[];

/** The document, with the members that were asked for. */
export const decoded = (bytes: Uint8Array): unknown => BSON.deserialize(bytes);
