import { describe, expect, it } from '@jest/globals';
import { CANCEL_REASONS, SUBSCRIPTION_STATUSES, type Role } from '@commissary/domain';
import { permissionsOf, type Acting } from './access.policy.js';
import {
  cancelsAs,
  checkCancellation,
  type CancellationAsked,
  type CancellationFacts,
} from './cancellation.policy.js';

const termStartedAt = new Date('2026-06-01T00:00:00Z');
const early = new Date('2026-06-08T00:00:00Z');
const late = new Date('2026-06-08T00:00:00.001Z');

const facts = (over: Partial<CancellationFacts> = {}): CancellationFacts => ({
  status: 'active',
  operationId: null,
  seats: { purchased: 100, assigned: 80, reservations: [] },
  termStartedAt,
  ...over,
});
const purchaser: CancellationAsked = { by: 'purchaser', reason: null, onBehalfOf: null };
const admin: CancellationAsked = { by: 'admin', reason: 'unused', onBehalfOf: null };
const support: CancellationAsked = { by: 'support', reason: 'other', onBehalfOf: ['billingAdmin'] };
const lifecycle: CancellationAsked = { by: 'lifecycle', reason: null, onBehalfOf: null };
const invalid = (pointer: string, rule: string) =>
  expect.objectContaining({
    code: 'invalid_request',
    extras: { errors: [expect.objectContaining({ pointer, rule })] },
  });

describe('checkCancellation', () => {
  it('OWN-5 a purchaser ends it at once within 7 days of start or renewal, later turns renewal off', () => {
    expect(checkCancellation(facts(), purchaser, early)).toBe('atOnce');
    expect(checkCancellation(facts(), purchaser, late)).toBe('turnOffRenewal');
    const renewed = facts({ termStartedAt: new Date('2026-07-01T00:00:00Z') });
    expect(checkCancellation(renewed, purchaser, new Date('2026-07-03T00:00:00Z'))).toBe('atOnce');
  });

  it('OWN-5 what has run past its end is ended at once', () => {
    for (const status of ['expired', 'disabled'] as const) {
      expect(checkCancellation(facts({ status }), purchaser, late)).toBe('atOnce');
    }
  });

  it('CAN-1 CAN-3 admins and support end it at once at any time', () => {
    for (const asked of [admin, support]) {
      for (const at of [early, late]) expect(checkCancellation(facts(), asked, at)).toBe('atOnce');
    }
  });

  it('SUB-3 what stayed unpaid is ended at once, without a reason or anyone who asked', () => {
    for (const at of [early, late]) {
      expect(checkCancellation(facts({ status: 'disabled' }), lifecycle, at)).toBe('atOnce');
    }
  });

  it('CAN-1 CAN-3 admins and support pick a reason of the list, any of them', () => {
    for (const asked of [admin, support]) {
      expect(() => checkCancellation(facts(), { ...asked, reason: null }, early)).toThrow(
        invalid('/reason', 'required'),
      );
      for (const reason of CANCEL_REASONS) {
        expect(checkCancellation(facts(), { ...asked, reason }, early)).toBe('atOnce');
      }
    }
  });

  it('CAN-3 support names an admin who asked', () => {
    for (const onBehalfOf of [null, [], ['globalReader']] as const) {
      expect(() => checkCancellation(facts(), { ...support, onBehalfOf }, early)).toThrow(
        invalid('/requestedBy', 'admin'),
      );
    }
    expect(checkCancellation(facts(), { ...support, onBehalfOf: ['globalAdmin'] }, early)).toBe('atOnce');
  });

  it('CAN-1 SUB-1 whatever lives can be cancelled, and once', () => {
    for (const status of SUBSCRIPTION_STATUSES.filter((s) => s !== 'deleted')) {
      expect(checkCancellation(facts({ status }), admin, early)).toBe('atOnce');
    }
    expect(() => checkCancellation(facts({ status: 'deleted' }), admin, early)).toThrow(
      expect.objectContaining({ code: 'illegal_state', extras: { state: 'deleted' } }),
    );
  });

  it('MOV-6 not while an operation runs, which is named even if it has ended the subscription already', () => {
    for (const asked of [purchaser, admin, support, lifecycle]) {
      for (const status of ['active', 'deleted'] as const) {
        expect(() => checkCancellation(facts({ operationId: 'op_1', status }), asked, late)).toThrow(
          expect.objectContaining({ code: 'operation_in_progress', extras: { operationId: 'op_1' } }),
        );
      }
    }
  });

  it('MOV-2 not while its seats are promised to a move', () => {
    const seats = { purchased: 100, assigned: 10, reservations: [{ operationId: 'op_move', seats: 5 }] };
    for (const asked of [purchaser, admin, support, lifecycle]) {
      expect(() => checkCancellation(facts({ seats }), asked, early)).toThrow(
        expect.objectContaining({ code: 'operation_in_progress', extras: { operationId: 'op_move' } }),
      );
    }
  });
});

describe('cancelsAs', () => {
  const permissions = (roles: readonly Role[], acting: Acting = { as: 'home' }) =>
    permissionsOf({ type: 'member', roles, homeTenantType: 'commercial', acting });

  it('OWN-5 a user cancels what was bought by that user and nothing else', () => {
    expect(cancelsAs(permissions([]), { isPurchaser: true, reason: 'unused' })).toBe('purchaser');
    expect(cancelsAs(permissions([]), { isPurchaser: false, reason: 'unused' })).toBeNull();
    expect(cancelsAs(permissions(['globalReader']), { isPurchaser: false, reason: 'unused' })).toBeNull();
  });

  it('CAN-1 an admin takes over; one who is the purchaser too does so by giving a reason', () => {
    for (const role of ['globalAdmin', 'billingAdmin'] as const) {
      expect(cancelsAs(permissions([role]), { isPurchaser: false, reason: null })).toBe('admin');
      expect(cancelsAs(permissions([role]), { isPurchaser: true, reason: 'unused' })).toBe('admin');
      expect(cancelsAs(permissions([role]), { isPurchaser: true, reason: null })).toBe('purchaser');
    }
  });

  it('ADM-7 a partner takes over by the scope for it', () => {
    const asPartner = (scopes: ('view' | 'takeover')[]) =>
      permissions(['partner'], { as: 'partner', scopes });
    expect(cancelsAs(asPartner(['takeover']), { isPurchaser: false, reason: 'unused' })).toBe('admin');
    expect(cancelsAs(asPartner(['view']), { isPurchaser: false, reason: 'unused' })).toBeNull();
  });

  it('CAN-3 support cancels in a named tenant', () => {
    const named = permissions([], { as: 'support' });
    expect(cancelsAs(named, { isPurchaser: false, reason: 'other' })).toBe('support');
  });
});
