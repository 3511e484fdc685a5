import type { Money } from '@commissary/domain';
import { object, oneOf, required } from '../schema/fields.js';

export const moneySchema = object<Money>({
  // Integer minor units of the currency.
  amountMinor: required(Number),
  currency: required(String),
});

/** Who holds a document, and until when. */
export const leaseSchema = object<{ until: Date; worker: string }>({
  until: required(Date),
  worker: required(String),
});

/** Who did something, and of which tenant's directory that account is. */
export const actorSchema = object<{ userId: string; displayName: string; tenantId: string }>({
  userId: required(String),
  displayName: required(String),
  tenantId: required(String),
});

/** A status that a document came to, and when. */
export const statusHistory = (statuses: readonly string[]) =>
  object<{ status: string; at: Date }>({ status: required(oneOf(statuses)), at: required(Date) });
