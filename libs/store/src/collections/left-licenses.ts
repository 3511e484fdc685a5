import { defineCollection } from '../schema/define-collection.js';
import { required } from '../schema/fields.js';

/**
 * A license that a deleted user left to the operation that holds its subscription; gone with the license. [MOV-4]
 * Not an index of the licenses: in a transaction MongoDB 6 parses all of a collection's indexes anew for each document and each
 * index that it writes, which was a sixth of what a move costs.
 */
export interface LeftLicenseDocument {
  /** The license's id. */
  _id: string;
  tenantId: string;
  subscriptionId: string;
  userId: string;
}

export const leftLicenses = defineCollection<LeftLicenseDocument>('leftLicenses', {
  owner: 'tenant',
  retention: null,
  fields: {
    _id: required(String),
    tenantId: required(String),
    subscriptionId: required(String),
    userId: required(String),
  },
  indexes: [
    {
      key: { subscriptionId: 1, userId: 1 },
      serves: 'It lists the licenses that deleted users left behind. [MOV-4]',
    },
  ],
});
