import { TypeID, typeid } from 'typeid-js';

/** Prefixes of the ids that the contract shows or the store keeps; sortable by time of creation (UUIDv7). */
export type IdPrefix =
  | 'ten'
  | 'usr'
  | 'del'
  | 'pm'
  | 'quo'
  | 'ord'
  | 'pay'
  | 'ref'
  | 'inv'
  | 'led'
  | 'sub'
  | 'lic'
  | 'op'
  | 'ntf'
  | 'evt'
  | 'aud'
  | 'pol'
  | 'req';

export const newId = (prefix: IdPrefix): string => typeid(prefix).toString();

/** Not greater than any id of the prefix that was made at this time or later, by the maker's clock. */
export const leastIdAt = (prefix: IdPrefix, time: Date): string => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(time.getTime()) << 16n);
  return TypeID.fromUUIDBytes(prefix, bytes).toString();
};
