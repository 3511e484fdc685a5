import { describe, expect, it } from '@jest/globals';
import {
  DELEGATION_SCOPES,
  DomainError,
  ROLES,
  TENANT_TYPES,
  USER_TYPES,
  type DelegationScope,
  type Role,
} from '@commissary/domain';
import fc from 'fast-check';
import {
  effectiveRoles,
  PERMISSIONS,
  permissionsOf,
  requirePermission,
  resolveTenancy,
  type Acting,
  type Permission,
  type Principal,
  type TenancyFacts,
} from './access.policy.js';

const member = (roles: Role[], over: Partial<Principal> = {}): Principal => ({
  type: 'member',
  roles,
  homeTenantType: 'commercial',
  acting: { as: 'home' },
  ...over,
});
const named = (acting: Acting, roles: Role[] = []): Principal => member(roles, { acting });
const partner = (...scopes: DelegationScope[]): Principal => named({ as: 'partner', scopes }, ['partner']);

const PRINCIPALS = {
  user: member([]),
  guest: member([], { type: 'guest' }),
  globalAdmin: member(['globalAdmin']),
  billingAdmin: member(['billingAdmin']),
  globalReader: member(['globalReader']),
  partnerAtHome: member(['partner']),
  partnerView: partner('view'),
  partnerTakeover: partner('takeover'),
  partnerPolicy: partner('policy'),
  support: named({ as: 'support' }),
  supportAtHome: member(['support'], { homeTenantType: 'platform' }),
  operator: named({ as: 'operator' }),
  operatorAtHome: member(['operator'], { homeTenantType: 'platform' }),
} as const;

type Who = keyof typeof PRINCIPALS;
const atHome: Who[] = [
  'user',
  'guest',
  'globalAdmin',
  'billingAdmin',
  'globalReader',
  'partnerAtHome',
  'supportAtHome',
  'operatorAtHome',
];
const admins: Who[] = ['globalAdmin', 'billingAdmin'];
const viewers: Who[] = [...admins, 'globalReader', 'partnerView', 'support'];
const takers: Who[] = [...admins, 'partnerTakeover'];
const operators: Who[] = ['operator', 'operatorAtHome'];

/** Who has each permission, by rule: read the other way round than the code's table. */
const HOLDERS: Record<Permission, [ids: string, holders: Who[]]> = {
  'self.read': ['BUY-5', atHome],
  'catalog.read': ['ELG-5', atHome],
  'purchase.create': ['ELG-1', atHome],
  'paymentMethods.manage': ['OWN-4', atHome],
  'subscriptions.readOwn': ['OWN-1', atHome],
  'subscriptions.cancelOwn': ['OWN-5', atHome],
  'licenses.manageOwn': ['OWN-3', atHome],
  'invoices.readOwn': ['OWN-4', atHome],
  'operations.readOwn': ['BUY-4', [...atHome, 'partnerView', 'partnerTakeover', 'support']],
  'directory.read': ['OWN-3', [...atHome.filter((who) => who !== 'guest'), 'partnerView', 'support']],
  'directory.write': ['EXT-3', ['globalAdmin']],
  'subscriptions.readAll': ['ADM-1', viewers],
  'exports.read': ['ADM-3', viewers],
  'operations.readAll': ['MOV-3', [...viewers, ...operators]],
  'operations.control': ['MOV-3', takers],
  takeover: ['MOV-1', takers],
  'central.create': ['ADM-6', takers],
  'licenses.manageCentral': ['ADM-6', takers],
  'policies.read': ['POL-3', [...viewers, 'partnerPolicy']],
  'policies.write': ['POL-3', [...admins, 'partnerPolicy']],
  'settings.read': ['ADM-8', viewers],
  'settings.write': ['ADM-8', admins],
  'audit.read': ['ADM-9', viewers],
  'partner.read': ['ADM-7', ['partnerAtHome']],
  'support.cancel': ['CAN-3', ['support']],
  'operations.operate': ['OPS-1', operators],
  'operator.read': ['OPS-1', operators],
  'queues.view': ['OPS-1', operators],
};

describe('permissionsOf', () => {
  it.each(Object.entries(HOLDERS).map(([permission, [ids, holders]]) => [ids, permission, holders] as const))(
    '%s %s is held by exactly those it is for',
    (_ids, permission, holders) => {
      const found = Object.entries(PRINCIPALS)
        .filter(([, principal]) => permissionsOf(principal).has(permission as Permission))
        .map(([who]) => who);
      expect(found.sort()).toEqual([...holders].sort());
    },
  );

  it('ADM-7 the table above names every permission', () => {
    expect(Object.keys(HOLDERS).sort()).toEqual([...PERMISSIONS].sort());
  });

  it('ADM-7 nobody is given anything but permissions that there are', () => {
    for (const principal of Object.values(PRINCIPALS)) {
      expect([...permissionsOf(principal)].filter((each) => !PERMISSIONS.includes(each))).toEqual([]);
    }
  });

  it('ADM-7 scopes add up, and none allows nothing', () => {
    const all = permissionsOf(partner(...DELEGATION_SCOPES));
    for (const scope of DELEGATION_SCOPES)
      for (const p of permissionsOf(partner(scope))) expect(all).toContain(p);
    expect(permissionsOf(partner()).size).toBe(0);
  });

  const anyPrincipal = fc.record({
    type: fc.constantFrom(...USER_TYPES),
    roles: fc.subarray([...ROLES]),
    homeTenantType: fc.constantFrom(...TENANT_TYPES),
  });

  it('ADM-7 roles held at home open nothing in a named tenant', () => {
    const acting: Acting[] = [{ as: 'support' }, { as: 'operator' }, { as: 'partner', scopes: ['view'] }];
    fc.assert(
      fc.property(anyPrincipal, fc.constantFrom(...acting), (principal, as) => {
        expect(permissionsOf({ ...principal, acting: as })).toEqual(permissionsOf(named(as)));
      }),
    );
  });

  it('OPS-1 CAN-3 platform roles granted by a tenant to its own accounts are worth nothing', () => {
    fc.assert(
      fc.property(anyPrincipal, (principal) => {
        const home = permissionsOf({ ...principal, acting: { as: 'home' } });
        const operates = principal.homeTenantType === 'platform' && principal.roles.includes('operator');
        expect(home.has('queues.view')).toBe(operates);
        expect(home.has('operations.operate')).toBe(operates);
      }),
    );
    expect(effectiveRoles(['globalAdmin', 'operator', 'support'], 'commercial')).toEqual(['globalAdmin']);
  });

  it('ADM-7 what is missing is forbidden', () => {
    expect(() => requirePermission(permissionsOf(member(['globalReader'])), 'policies.read')).not.toThrow();
    expect(() => requirePermission(permissionsOf(member(['globalReader'])), 'policies.write')).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
  });
});

describe('resolveTenancy', () => {
  const now = new Date('2026-06-15T12:00:00Z');
  const delegation = { scopes: ['view', 'takeover'], endsAt: new Date('2026-06-15T12:00:00.001Z') } as const;
  const facts = (over: Partial<TenancyFacts> = {}): TenancyFacts => ({
    homeTenantId: 'ten_home',
    homeTenantType: 'commercial',
    roles: [],
    requested: { tenantId: 'ten_other' },
    delegation: null,
    ...over,
  });
  const refused = (code: string) => expect.objectContaining({ code });

  it('OWN-1 without the header everyone acts at home, whatever the roles', () => {
    for (const role of ROLES) {
      expect(resolveTenancy(facts({ roles: [role], requested: null, delegation }), now)).toEqual({
        tenantId: 'ten_home',
        acting: { as: 'home' },
      });
    }
  });

  it('ADM-7 the header is forbidden to all but partners, support and operators, for the own tenant too', () => {
    for (const roles of [[], ['globalAdmin'], ['billingAdmin', 'globalReader']] satisfies Role[][]) {
      for (const tenantId of ['ten_other', 'ten_home', null]) {
        expect(() => resolveTenancy(facts({ roles, requested: { tenantId }, delegation }), now)).toThrow(
          refused('tenant_header_forbidden'),
        );
      }
    }
  });

  it('ADM-7 a partner acts by the scopes of a live delegation', () => {
    expect(resolveTenancy(facts({ roles: ['partner'], delegation }), now)).toEqual({
      tenantId: 'ten_other',
      acting: { as: 'partner', scopes: ['view', 'takeover'] },
    });
  });

  it('ADM-7 no delegation, one that has ended and an unknown tenant answer alike', () => {
    const ended = { ...delegation, endsAt: now };
    const inVain = [
      facts({ roles: ['partner'] }),
      facts({ roles: ['partner'], delegation: ended }),
      facts({ roles: ['partner'], requested: { tenantId: null } }),
    ];
    const answers = inVain.map((denied) => {
      try {
        return resolveTenancy(denied, now);
      } catch (error) {
        return error instanceof DomainError ? [error.code, error.message, error.extras] : error;
      }
    });
    expect(answers[0]).toEqual(['tenant_not_delegated', expect.any(String), {}]);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('CAN-3 OPS-1 support and operators act in any tenant there is, for the platform only', () => {
    for (const role of ['support', 'operator'] as const) {
      const platform = { roles: [role], homeTenantType: 'platform' } as const;
      expect(resolveTenancy(facts(platform), now)).toEqual({ tenantId: 'ten_other', acting: { as: role } });
      expect(() => resolveTenancy(facts({ ...platform, requested: { tenantId: null } }), now)).toThrow(
        refused('tenant_not_delegated'),
      );
      expect(() => resolveTenancy(facts({ roles: [role] }), now)).toThrow(refused('tenant_header_forbidden'));
    }
  });

  it('ADM-7 who may name a tenant and names the own one is at home', () => {
    const own = facts({ roles: ['partner'], requested: { tenantId: 'ten_home' } });
    expect(resolveTenancy(own, now)).toEqual({ tenantId: 'ten_home', acting: { as: 'home' } });
  });
});
