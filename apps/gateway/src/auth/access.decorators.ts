import { SetMetadata } from '@nestjs/common';
import type { Permission } from '@commissary/policies';

/** What a route demands of its caller. */
export type Access =
  | { kind: 'requires'; permission: Permission }
  /** `limit`: requests are counted per address, for there is no user. */
  | { kind: 'public'; limit: boolean };

export const ACCESS = Symbol('access');

/** The caller needs this permission in the tenant of the request (`forbidden` otherwise). */
export const Requires = (permission: Permission) =>
  SetMetadata(ACCESS, { kind: 'requires', permission } satisfies Access);

/** No token is asked for. */
export const Public = (options: { limitByAddress?: boolean } = {}) =>
  SetMetadata(ACCESS, { kind: 'public', limit: options.limitByAddress ?? false } satisfies Access);
