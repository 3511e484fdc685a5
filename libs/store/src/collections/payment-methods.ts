import { defineCollection } from '../schema/define-collection.js';
import { nullable, optional, required } from '../schema/fields.js';

export interface PaymentMethodDocument {
  _id: string;
  tenantId: string;
  userId: string;
  brand: string;
  last4: string;
  /** End of the card's last month. */
  expiresAt: Date;
  /** The provider's name for the card; the card itself is never here. */
  providerMethodId: string;
  createdAt: Date;
  /** Its last purchase: written, so that a purchase and a removal cannot miss each other. */
  usedAt?: Date;
  removedAt: Date | null;
}

export const paymentMethods = defineCollection<PaymentMethodDocument>('paymentMethods', {
  owner: 'tenant',
  retention: null,
  fields: {
    _id: required(String),
    tenantId: required(String),
    userId: required(String),
    brand: required(String),
    last4: required(String),
    expiresAt: required(Date),
    providerMethodId: required(String),
    createdAt: required(Date),
    usedAt: optional(Date),
    removedAt: nullable(Date),
  },
  indexes: [{ key: { tenantId: 1, userId: 1, _id: -1 }, serves: 'It lists the cards of a user. [OWN-4]' }],
});
