import { defineCollection } from '../schema/define-collection.js';
import { required } from '../schema/fields.js';

/** Whether a day's samples are taken, of all tenants. */
export interface CapacityDayDocument {
  /** UTC day, `YYYY-MM-DD`. */
  _id: string;
  done: boolean;
  /** Held by whoever takes them. */
  until: Date;
}

export const capacityDays = defineCollection<CapacityDayDocument>('capacityDays', {
  owner: 'platform',
  retention: null,
  fields: { _id: required(String), done: required(Boolean), until: required(Date) },
  indexes: [],
});
