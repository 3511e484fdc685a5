import { defineCollection } from '../schema/define-collection.js';
import { optional, required } from '../schema/fields.js';

export interface LicenseDocument {
  _id: string;
  tenantId: string;
  subscriptionId: string;
  productId: string;
  userId: string;
  assignedAt: Date;
  assignedBy: string;
  /**
   * Set instead of removing the license when its user is deleted while an operation holds the subscription: the operation then
   * skips and removes it, and the two cannot miss each other, for both write this document. [MOV-4]
   */
  userDeletedAt?: Date;
}

export const licenses = defineCollection<LicenseDocument>('licenses', {
  owner: 'tenant',
  retention: null,
  // A move changes every license: with a validator it ran at 0.59 of the raw update's speed, without one at 0.73 (M1).
  validated: false,
  fields: {
    _id: required(String),
    tenantId: required(String),
    subscriptionId: required(String),
    productId: required(String),
    userId: required(String),
    assignedAt: required(Date),
    assignedBy: required(String),
    userDeletedAt: optional(Date),
  },
  indexes: [
    {
      key: { tenantId: 1, userId: 1, productId: 1 },
      unique: true,
      serves: 'It lists the licenses of a user, who has at most one of a product.',
    },
    {
      key: { tenantId: 1, subscriptionId: 1, userId: 1 },
      serves: 'It lists the users of a subscription, for lists, exports, moves and sweeps.',
    },
  ],
});
