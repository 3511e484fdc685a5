import { describe, expect, it } from '@jest/globals';
import type { Role, TenantType } from '@commissary/domain';
import { type Answerable, mayGoOn, permissionToGoOn, type RunningWork } from './running.policy.js';

const NOW = new Date('2026-03-01T00:00:00Z');
const LATER = new Date('2026-04-01T00:00:00Z');

const who = (roles: Role[], given: Partial<NonNullable<Answerable['user']>> = {}): Answerable => ({
  user: { type: 'member', state: 'active', roles, tenantId: 'ten_home', ...given },
  homeTenantType: 'commercial',
  delegation: null,
});

const move: RunningWork = { type: 'move' };
const goesOn = (answerable: Answerable, work: RunningWork = move): boolean =>
  mayGoOn(work, 'ten_home', answerable, NOW);

describe('whether the next chunk may be done [ADM-5, ADM-7]', () => {
  it.each<[string, boolean, Answerable]>([
    ['a global admin', true, who(['globalAdmin'])],
    ['a billing admin', true, who(['billingAdmin'])],
    ['one who is a reader by now', false, who(['globalReader'])],
    ['one without a role by now', false, who([])],
    ['a disabled admin', false, who(['globalAdmin'], { state: 'disabled' })],
    ['a deleted admin', false, who(['globalAdmin'], { state: 'deleted' })],
    ['nobody the directory knows', false, { user: null, homeTenantType: null, delegation: null }],
    ['an admin of a tenant that is gone', false, { ...who(['globalAdmin']), homeTenantType: null }],
  ])('asked for by %s: %s', (_, expected, answerable) => {
    expect(goesOn(answerable)).toBe(expected);
    expect(goesOn(answerable, { type: 'cancellation', by: 'admin' })).toBe(expected);
  });

  const partner = (delegation: Answerable['delegation'], roles: Role[] = ['partner']): Answerable => ({
    ...who(roles, { tenantId: 'ten_partner' }),
    delegation,
  });

  it.each<[string, boolean, Answerable]>([
    ['while it delegates', true, partner({ scopes: ['takeover'], endsAt: LATER })],
    ['when the delegation has ended', false, partner({ scopes: ['takeover'], endsAt: NOW })],
    ['when only views are left of it', false, partner({ scopes: ['view'], endsAt: LATER })],
    ['when it is withdrawn', false, partner(null)],
    ['who has lost the role', false, partner({ scopes: ['takeover'], endsAt: LATER }, [])],
  ])('a partner %s: %s', (_, expected, answerable) => expect(goesOn(answerable)).toBe(expected));

  it('support cancels on an admin’s request for as long as it is support [CAN-3]', () => {
    const work: RunningWork = { type: 'cancellation', by: 'support' };
    const support = (roles: Role[], homeTenantType: TenantType): Answerable => ({
      ...who(roles, { tenantId: 'ten_platform' }),
      homeTenantType,
    });
    expect(goesOn(support(['support'], 'platform'), work)).toBe(true);
    expect(goesOn(support([], 'platform'), work)).toBe(false);
    expect(goesOn(support(['support'], 'commercial'), work)).toBe(false);
  });

  it('what a purchaser asked for goes on without them [DATA-1]', () => {
    const gone = who([], { state: 'deleted' });
    expect(goesOn(gone, { type: 'cancellation', by: 'purchaser' })).toBe(true);
    expect(goesOn(gone, { type: 'purchase' })).toBe(true);
    expect(goesOn(gone, { type: 'seatChange' })).toBe(true);
  });

  it('what time asks for needs nobody who answers for it [BUY-9, SUB-2, SUB-3]', () => {
    const nobody: Answerable = { user: null, homeTenantType: null, delegation: null };
    for (const work of [{ type: 'renewal' }, { type: 'cancellation', by: 'lifecycle' }] as const) {
      expect(permissionToGoOn(work)).toBeNull();
      expect(goesOn(nobody, work)).toBe(true);
    }
  });
});
