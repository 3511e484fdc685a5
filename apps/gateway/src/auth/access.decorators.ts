import { SetMetadata } from '@nestjs/common';
import type { Permission } from '@commissary/policies';

/** What a route demands of its caller. */
export type Access =
  | { kind: 'requires'; anyOf: readonly [Permission, ...Permission[]] }
  /** `limit`: requests are counted per address, for there is no user. */
  | { kind: 'public'; limit: boolean };

export const ACCESS = Symbol('access');

/**
 * The caller needs this permission in the tenant of the request (`forbidden` otherwise); of several, one. Where several
 * are named, the thing itself decides which of them counts: one's own, or anybody's.
 */
export const Requires = (...anyOf: [Permission, ...Permission[]]) =>
  SetMetadata(ACCESS, { kind: 'requires', anyOf } satisfies Access);

/** No token is asked for. */
export const Public = (options: { limitByAddress?: boolean } = {}) =>
  SetMetadata(ACCESS, { kind: 'public', limit: options.limitByAddress ?? false } satisfies Access);
