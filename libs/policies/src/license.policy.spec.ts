import { describe, expect, it } from '@jest/globals';
import { SUBSCRIPTION_STATUSES, type Role } from '@commissary/domain';
import fc from 'fast-check';
import { permissionsOf } from './access.policy.js';
import {
  assignOutcome,
  checkLicenseChange,
  type AssigneeFacts,
  type LicenseCaller,
  type LicensedSubscription,
} from './license.policy.js';

const caller = (roles: Role[], isPurchaser = false): LicenseCaller => ({
  isPurchaser,
  permissions: permissionsOf({ type: 'member', roles, homeTenantType: 'commercial', acting: { as: 'home' } }),
});
const bought: LicensedSubscription = { origin: 'selfService', status: 'active', operationId: null };
const central: LicensedSubscription = { ...bought, origin: 'central' };
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('checkLicenseChange', () => {
  it('OWN-3 the purchaser may, whatever other roles there are', () => {
    for (const roles of [[], ['globalAdmin'], ['globalReader']] satisfies Role[][]) {
      expect(() => checkLicenseChange(bought, 'assign', caller(roles, true))).not.toThrow();
    }
  });

  it("OWN-1 another user's and the tenant's do not exist for a user", () => {
    for (const subscription of [bought, central]) {
      expect(() => checkLicenseChange(subscription, 'assign', caller([]))).toThrow(code('not_found'));
    }
  });

  it('ADM-5 admins take a self-service subscription over first, before anything else is told', () => {
    for (const role of ['globalAdmin', 'billingAdmin'] as const) {
      const locked = { ...bought, operationId: 'op_1' };
      for (const subscription of [bought, locked]) {
        expect(() => checkLicenseChange(subscription, 'remove', caller([role]))).toThrow(
          code('takeover_required'),
        );
      }
    }
  });

  it('ADM-6 admins manage central ones; who may only look is forbidden', () => {
    expect(() => checkLicenseChange(central, 'assign', caller(['billingAdmin']))).not.toThrow();
    for (const subscription of [bought, central]) {
      expect(() => checkLicenseChange(subscription, 'assign', caller(['globalReader']))).toThrow(
        code('forbidden'),
      );
    }
  });

  it('MOV-6 not while an operation runs on it', () => {
    for (const change of ['assign', 'remove'] as const) {
      expect(() => checkLicenseChange({ ...bought, operationId: 'op_1' }, change, caller([], true))).toThrow(
        expect.objectContaining({ code: 'operation_in_progress', extras: { operationId: 'op_1' } }),
      );
    }
  });

  it('SUB-1 assigns while users can use it, removes while it lives', () => {
    const legal = (change: 'assign' | 'remove') =>
      SUBSCRIPTION_STATUSES.filter((status) => {
        try {
          checkLicenseChange({ ...bought, status }, change, caller([], true));
          return true;
        } catch (error) {
          expect(error).toMatchObject({ code: 'illegal_state', extras: { state: status } });
          return false;
        }
      });
    expect(legal('assign')).toEqual(['active', 'expired']);
    expect(legal('remove')).toEqual(['active', 'expired', 'disabled']);
  });
});

describe('assignOutcome', () => {
  const member = { type: 'member', state: 'active' } as const;
  const free: AssigneeFacts = { user: member, held: null, target: { origin: 'selfService' }, freeSeats: 1 };
  const toCentral: AssigneeFacts = { ...free, target: { origin: 'central' } };
  const byPurchaser = bought;
  const byAdmin = central;

  it.each([
    ['OWN-3 a member without the product', free, 'assigned'],
    ['OWN-3 no such user', { ...free, user: null }, 'noSuchUser'],
    ['OWN-3 a deleted user', { ...free, user: { type: 'guest', state: 'deleted' } }, 'noSuchUser'],
    ['OWN-3 a guest', { ...free, user: { type: 'guest', state: 'active' } }, 'guestNotAllowed'],
    ['OWN-3 a disabled user', { ...free, user: { type: 'member', state: 'disabled' } }, 'userInactive'],
    ['OWN-3 no seat left', { ...free, freeSeats: 0 }, 'noFreeSeat'],
    ['OWN-3 a license of the product', { ...free, held: byPurchaser }, 'alreadyLicensed'],
    ['OWN-3 a license and no seat', { ...free, held: byPurchaser, freeSeats: 0 }, 'alreadyLicensed'],
    ['OWN-3 a central license', { ...free, held: byAdmin }, 'alreadyLicensed'],
    ['ADM-6 a central license, centrally', { ...toCentral, held: byAdmin }, 'alreadyLicensed'],
    ['ADM-6 a self-service license, centrally', { ...toCentral, held: byPurchaser }, 'switched'],
    ['ADM-6 a switch without a seat', { ...toCentral, held: byPurchaser, freeSeats: 0 }, 'noFreeSeat'],
    [
      'MOV-6 a license being moved',
      { ...toCentral, held: { ...byPurchaser, operationId: 'op_1' } },
      'alreadyLicensed',
    ],
  ] satisfies [string, AssigneeFacts, string][])('%s', (_title, facts, outcome) => {
    expect(assignOutcome(facts)).toBe(outcome);
  });

  it('CAN-2 a license that is being swept away is none, and cannot be had again before the sweep has ended', () => {
    for (const facts of [free, toCentral]) {
      for (const origin of ['selfService', 'central'] as const) {
        const held = { origin, status: 'deleted', operationId: 'op_1' } as const;
        expect(() => assignOutcome({ ...facts, held })).toThrow(
          expect.objectContaining({ code: 'operation_in_progress', extras: { operationId: 'op_1' } }),
        );
        expect(assignOutcome({ ...facts, held, user: null })).toBe('noSuchUser');
      }
    }
  });

  it('OWN-3 ADM-6 whatever the facts, a seat is taken only if one is free, by an active member', () => {
    const held = fc.record({
      origin: fc.constantFrom('selfService', 'central'),
      status: fc.constantFrom('active', 'expired'),
      operationId: fc.constantFrom(null, 'op_1'),
    });
    const anyFacts: fc.Arbitrary<AssigneeFacts> = fc.record({
      user: fc.option(
        fc.record({
          type: fc.constantFrom('member', 'guest'),
          state: fc.constantFrom('active', 'disabled', 'deleted'),
        }),
      ),
      held: fc.option(held),
      target: fc.record({ origin: fc.constantFrom('selfService', 'central') }),
      freeSeats: fc.nat({ max: 2 }),
    });
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const outcome = assignOutcome(facts);
        if (outcome !== 'assigned' && outcome !== 'switched') return;
        expect(facts.freeSeats).toBeGreaterThan(0);
        expect(facts.user).toEqual(member);
        expect(facts.held === null).toBe(outcome === 'assigned');
      }),
    );
  });
});
