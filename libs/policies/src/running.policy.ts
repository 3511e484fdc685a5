import {
  DomainError,
  type DelegationScope,
  type Role,
  type TenantType,
  type UserState,
  type UserType,
} from '@commissary/domain';
import { type Permission, permissionsOf, resolveTenancy } from './access.policy.js';

/** What is asked for, as far as it decides who may let it go on. */
export type RunningWork =
  | { type: 'move' }
  | { type: 'cancellation'; by: 'purchaser' | 'admin' | 'support' | 'lifecycle' }
  | { type: 'purchase' | 'seatChange' | 'renewal' };

/** Who answers for it, as the directory has them now; null if it has not. */
export interface Answerable {
  user: { type: UserType; state: UserState; roles: readonly Role[]; tenantId: string } | null;
  homeTenantType: TenantType | null;
  delegation: { scopes: readonly DelegationScope[]; endsAt: Date } | null;
}

/** The permission that bulk work needs for as long as it runs. What a purchaser asked for is theirs, and needs none; nor does time. */
export const permissionToGoOn = (work: RunningWork): Permission | null => {
  if (work.type === 'move') return 'takeover';
  if (work.type !== 'cancellation' || work.by === 'purchaser' || work.by === 'lifecycle') return null;
  return work.by === 'support' ? 'support.cancel' : 'takeover';
};

/** Whether the next chunk of work in a tenant may be done: roles and delegations count as they are now. [ADM-5, ADM-7] */
export const mayGoOn = (work: RunningWork, tenantId: string, answerable: Answerable, now: Date): boolean => {
  const needed = permissionToGoOn(work);
  if (needed === null) return true;
  const { user, homeTenantType, delegation } = answerable;
  if (user?.state !== 'active' || homeTenantType === null) return false;
  const { type, roles, tenantId: homeTenantId } = user;
  const requested = homeTenantId === tenantId ? null : { tenantId };
  try {
    const facts = { homeTenantId, homeTenantType, roles, requested, delegation };
    const { acting } = resolveTenancy(facts, now);
    return permissionsOf({ type, roles, homeTenantType, acting }).has(needed);
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
};
