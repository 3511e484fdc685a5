import { defineCollection } from '../schema/define-collection.js';
import { required } from '../schema/fields.js';

export interface MarketDocument {
  /** ISO 3166-1 alpha-2. */
  _id: string;
  name: string;
}

export const markets = defineCollection<MarketDocument>('markets', {
  owner: 'platform',
  retention: null,
  fields: { _id: required(String), name: required(String) },
  indexes: [],
});
