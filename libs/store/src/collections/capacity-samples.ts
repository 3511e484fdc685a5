import { defineCollection } from '../schema/define-collection.js';
import { nullable, required } from '../schema/fields.js';
import { RETENTION } from './retention.js';

/** What one purchaser had of one product in a tenant on one day, self-service: sums over the subscriptions that lived then. [ADM-4] */
export interface CapacitySampleDocument {
  /** Day, tenant, product and purchaser: one sample a day. */
  _id: string;
  tenantId: string;
  productId: string;
  purchaserId: string | null;
  /** UTC day, `YYYY-MM-DD`. */
  on: string;
  at: Date;
  purchased: number;
  assigned: number;
  reserved: number;
}

export const capacitySamples = defineCollection<CapacitySampleDocument>('capacitySamples', {
  owner: 'tenant',
  retention: { field: 'at', seconds: RETENTION.capacitySamples },
  fields: {
    _id: required(String),
    tenantId: required(String),
    productId: required(String),
    purchaserId: nullable(String),
    on: required(String),
    at: required(Date),
    purchased: required(Number),
    assigned: required(Number),
    reserved: required(Number),
  },
  indexes: [
    {
      key: { tenantId: 1, productId: 1, purchaserId: 1, on: 1 },
      serves: 'It lists the samples of a product and purchaser by day. [ADM-4]',
    },
  ],
});
