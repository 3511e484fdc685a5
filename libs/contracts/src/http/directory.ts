import { ROLES, USER_SOURCES, USER_STATES, USER_TYPES } from '@commissary/domain';
import { z } from 'zod';
import { listOf, PAGE_QUERY } from './list.js';
import { emailText, lineOfText } from './text.js';

export const discoveryQuery = z.strictObject({ email: emailText });
export type DiscoveryQuery = z.infer<typeof discoveryQuery>;

/** By the domain alone, so that no account can be enumerated. [BUY-1] */
export const discoverySchema = z
  .object({ managed: z.boolean(), signInUrl: z.string().nullable() })
  .meta({ id: 'Discovery' });
export type DiscoveryView = z.infer<typeof discoverySchema>;

export const userSchema = z
  .object({
    id: z.string(),
    email: z.string(),
    displayName: z.string(),
    type: z.enum(USER_TYPES),
    source: z.enum(USER_SOURCES),
    state: z.enum(USER_STATES),
    department: z.string().nullable(),
    usageLocation: z.string(),
    roles: z.array(z.enum(ROLES)),
  })
  .meta({ id: 'User' });
export type UserView = z.infer<typeof userSchema>;
export const userListSchema = listOf(userSchema);

export const meSchema = userSchema
  .extend({
    tenant: z.object({ id: z.string(), domain: z.string(), displayName: z.string() }),
    permissions: z.array(z.string()).describe('What the caller may do in this tenant'),
  })
  .meta({ id: 'Me' });
export type MeView = z.infer<typeof meSchema>;

export const userListQuery = z.strictObject({
  q: lineOfText(200).optional().describe("Start of an e-mail address, a name or one of a name's words"),
  ...PAGE_QUERY,
});
export type UserListQuery = z.infer<typeof userListQuery>;

const country = z.string().regex(/^[A-Z]{2}$/, 'Expected an ISO 3166-1 alpha-2 code');

export const newUserSchema = z.strictObject({
  email: emailText,
  displayName: lineOfText(256),
  type: z.enum(USER_TYPES).default('member'),
  source: z.enum(USER_SOURCES).default('cloud'),
  department: lineOfText(256).nullable().default(null),
  usageLocation: country.optional(),
  locale: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z]{2,4})?$/, 'Expected a language tag such as en or sv-SE')
    .optional(),
  roles: z
    .array(z.enum(['globalAdmin', 'billingAdmin', 'globalReader', 'partner']))
    .max(4)
    .default([]),
});
export type NewUserBody = z.infer<typeof newUserSchema>;

export const userStateSchema = z.strictObject({ state: z.enum(['active', 'disabled']) });
export type UserStateBody = z.infer<typeof userStateSchema>;
