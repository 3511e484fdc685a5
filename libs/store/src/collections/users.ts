import {
  type Role,
  ROLES,
  USER_SOURCES,
  USER_STATES,
  USER_TYPES,
  type UserSource,
  type UserState,
  type UserType,
} from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { nullable, oneOf, optional, required } from '../schema/fields.js';

export interface UserDocument {
  _id: string;
  tenantId: string;
  /** Lower case. */
  email: string;
  displayName: string;
  type: UserType;
  source: UserSource;
  state: UserState;
  department: string | null;
  usageLocation: string;
  locale: string;
  roles: Role[];
  /** What a search may begin with: e-mail, name, the name from each further word on; folded. */
  searchKeys: string[];
  /** Written with each license given, so that this and the deletion of the user cannot miss each other. */
  licensedAt?: Date;
  /** When the admins were told of what a disabled purchaser had bought; gone once the account is active again. [SUB-2] */
  leaveToldAt?: Date;
  createdAt: Date;
}

export const users = defineCollection<UserDocument>('users', {
  owner: 'tenant',
  retention: null,
  fields: {
    _id: required(String),
    tenantId: required(String),
    email: required(String),
    displayName: required(String),
    type: required(oneOf(USER_TYPES)),
    source: required(oneOf(USER_SOURCES)),
    state: required(oneOf(USER_STATES)),
    department: nullable(String),
    usageLocation: required(String),
    locale: required(String),
    roles: required([oneOf(ROLES)]),
    searchKeys: required([String]),
    licensedAt: optional(Date),
    leaveToldAt: optional(Date),
    createdAt: required(Date),
  },
  indexes: [
    {
      key: { email: 1 },
      unique: true,
      partialFilterExpression: { state: { $in: ['active', 'disabled'] } },
      serves: 'No two accounts that are not deleted have one address.',
    },
    { key: { tenantId: 1, email: 1 }, serves: 'It finds users whom a caller names by address.' },
    // The next two hold all that a search of the directory asks for, so that no document is read in vain.
    {
      key: { tenantId: 1, searchKeys: 1, _id: -1, state: 1 },
      name: 'byKey',
      serves: 'It finds the users whose name or address begins with a text.',
    },
    {
      key: { tenantId: 1, _id: -1, state: 1, searchKeys: 1 },
      name: 'byTime',
      serves: 'It lists the users of a tenant, newest first, with or without a text that many match.',
    },
    { key: { tenantId: 1, roles: 1 }, serves: 'It finds the admins of a tenant. [ADM-8]' },
  ],
});
