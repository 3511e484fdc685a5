import {
  DomainError,
  type DelegationScope,
  type Role,
  type TenantType,
  type UserType,
} from '@commissary/domain';

/** One per capability a route asks for. Which thing it is used on (own or foreign) the policies of that thing decide. */
export const PERMISSIONS = [
  // One's own affairs
  'self.read',
  'catalog.read',
  'purchase.create',
  'paymentMethods.manage',
  'subscriptions.readOwn',
  'subscriptions.cancelOwn',
  'licenses.manageOwn',
  'invoices.readOwn',
  'operations.readOwn',
  // The tenant's
  'directory.read',
  'directory.write',
  'subscriptions.readAll',
  'exports.read',
  'operations.readAll',
  'operations.control',
  'takeover',
  'central.create',
  'licenses.manageCentral',
  'policies.read',
  'policies.write',
  'settings.read',
  'settings.write',
  'audit.read',
  // The partner's and the platform's
  'partner.read',
  'support.cancel',
  'operations.operate',
  'operator.read',
  'queues.view',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/**
 * In which capacity a person acts in the tenant of the request: as an account of it, or in one named by
 * `Commissary-Tenant`, where nothing of the roles held at home counts but the one that opened the door.
 */
export type Acting =
  | { as: 'home' }
  | { as: 'partner'; scopes: readonly DelegationScope[] }
  | { as: 'support' }
  | { as: 'operator' };

/** An active account (others never get here) and the capacity it acts in. */
export interface Principal {
  /** Type of the account in its own tenant. */
  type: UserType;
  /** Roles of the directory of its own tenant. */
  roles: readonly Role[];
  /** Type of its own tenant: platform roles count in the platform's directory alone. */
  homeTenantType: TenantType;
  acting: Acting;
}

/** What everyone has in the own tenant; the rules of eligibility decide further about buying. [ELG-1, OWN-1] */
const EVERYONE: readonly Permission[] = [
  'self.read',
  'catalog.read',
  'purchase.create',
  'paymentMethods.manage',
  'subscriptions.readOwn',
  'subscriptions.cancelOwn',
  'licenses.manageOwn',
  'invoices.readOwn',
  'operations.readOwn',
];

/** Every admin view, and no change. [ADM-1..4, ADM-7, ADM-9, POL-3] */
const VIEWS: readonly Permission[] = [
  'directory.read',
  'subscriptions.readAll',
  'exports.read',
  'operations.readOwn',
  'operations.readAll',
  'policies.read',
  'settings.read',
  'audit.read',
];

/** Move, cancel, centralize, and watch and steer what was started so. [ADM-5, ADM-6] */
const TAKEOVER: readonly Permission[] = [
  'takeover',
  'central.create',
  'licenses.manageCentral',
  'operations.control',
  'operations.readOwn',
];

const ADMIN: readonly Permission[] = [...VIEWS, ...TAKEOVER, 'policies.write', 'settings.write'];

const OPERATOR: readonly Permission[] = [
  'operations.readAll',
  'operations.operate',
  'operator.read',
  'queues.view',
];

/** In the own tenant: what each role adds to what everyone has. */
const BY_ROLE: Record<Role, readonly Permission[]> = {
  globalAdmin: [...ADMIN, 'directory.write'],
  billingAdmin: ADMIN,
  globalReader: VIEWS,
  partner: ['partner.read'],
  operator: OPERATOR,
  support: [],
};

/** In a tenant that delegated to the partner's: what each scope of the delegation allows. [ADM-7] */
const BY_SCOPE: Record<DelegationScope, readonly Permission[]> = {
  view: VIEWS,
  takeover: TAKEOVER,
  policy: ['policies.read', 'policies.write'],
};

/** In a named tenant: the help desk sees and cancels on an admin's request. [CAN-3] */
const SUPPORT: readonly Permission[] = [...VIEWS, 'support.cancel'];

const PLATFORM_ROLES: readonly Role[] = ['operator', 'support'];

/**
 * The roles that count: `operator` and `support` reach into every tenant, so that an admin who grants them in
 * the own directory must gain nothing; only the platform's directory can.
 */
export const effectiveRoles = (roles: readonly Role[], homeTenantType: TenantType): Role[] =>
  roles.filter((role) => homeTenantType === 'platform' || !PLATFORM_ROLES.includes(role));

/** All a person may do in the tenant of the request; the only place that knows roles. [ADM-5..7, POL-3, OPS-1] */
export const permissionsOf = (principal: Principal): ReadonlySet<Permission> => {
  const { acting } = principal;
  switch (acting.as) {
    case 'home':
      return new Set([
        ...EVERYONE,
        ...(principal.type === 'member' ? (['directory.read'] as const) : []),
        ...effectiveRoles(principal.roles, principal.homeTenantType).flatMap((role) => BY_ROLE[role]),
      ]);
    case 'partner':
      return new Set(acting.scopes.flatMap((scope) => BY_SCOPE[scope]));
    case 'support':
      return new Set(SUPPORT);
    case 'operator':
      return new Set(OPERATOR);
  }
};

/** Throws `forbidden` unless the principal has the permission. */
export const requirePermission = (permissions: ReadonlySet<Permission>, needed: Permission): void => {
  if (!permissions.has(needed)) throw new DomainError('forbidden', 'Your role does not allow this.');
};

export interface TenancyFacts {
  homeTenantId: string;
  homeTenantType: TenantType;
  roles: readonly Role[];
  /** Null without the header `Commissary-Tenant`; `tenantId` null if it names no tenant. */
  requested: { tenantId: string | null } | null;
  /** The named tenant's delegation to the caller's own tenant, if any. */
  delegation: { scopes: readonly DelegationScope[]; endsAt: Date } | null;
}

export interface Tenancy {
  tenantId: string;
  acting: Acting;
}

/**
 * Which tenant a request is about, and in which capacity its caller acts there. [ADM-7, CAN-3, OPS-1]
 * A live delegation comes before a platform role, and the help desk before the operator: one capacity at a time.
 * Throws `tenant_header_forbidden` for callers with no role that looks into other tenants, and
 * `tenant_not_delegated` for unknown tenants and undelegated ones alike.
 */
export const resolveTenancy = (facts: TenancyFacts, now: Date): Tenancy => {
  const { homeTenantId, requested, delegation } = facts;
  if (requested === null) return { tenantId: homeTenantId, acting: { as: 'home' } };
  const roles = effectiveRoles(facts.roles, facts.homeTenantType);
  if (!roles.some((role) => role === 'partner' || PLATFORM_ROLES.includes(role))) {
    throw new DomainError(
      'tenant_header_forbidden',
      'Only partners, support and operators may name a tenant.',
    );
  }
  const { tenantId } = requested;
  if (tenantId === null) throw notDelegated();
  if (tenantId === homeTenantId) return { tenantId, acting: { as: 'home' } };
  if (roles.includes('partner') && delegation !== null && now < delegation.endsAt) {
    return { tenantId, acting: { as: 'partner', scopes: delegation.scopes } };
  }
  if (roles.includes('support')) return { tenantId, acting: { as: 'support' } };
  if (roles.includes('operator')) return { tenantId, acting: { as: 'operator' } };
  throw notDelegated();
};

const notDelegated = (): DomainError =>
  new DomainError('tenant_not_delegated', 'This tenant has not delegated to yours.');
