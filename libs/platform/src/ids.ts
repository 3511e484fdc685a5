import { typeid } from 'typeid-js';

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
