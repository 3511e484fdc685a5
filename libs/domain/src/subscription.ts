import { DomainError } from './errors.js';

export const ORIGINS = ['selfService', 'central'] as const;
export type Origin = (typeof ORIGINS)[number];

export const SUBSCRIPTION_STATUSES = ['active', 'expired', 'disabled', 'deleted'] as const;
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

/** Legal paths of SUB-1 and SUB-3; `deleted` is final. */
export const SUBSCRIPTION_PATHS: Record<SubscriptionStatus, readonly SubscriptionStatus[]> = {
  active: ['expired', 'deleted'],
  expired: ['active', 'disabled', 'deleted'],
  disabled: ['active', 'deleted'],
  deleted: [],
};

/** Statuses in which the holders of its licenses can use the product. [SUB-1] */
export const USABLE_STATUSES: readonly SubscriptionStatus[] = ['active', 'expired'];

/** Statuses in which a subscription still counts as one (its seats, its licenses). */
export const LIVING_STATUSES: readonly SubscriptionStatus[] = ['active', 'expired', 'disabled'];

/** Seats promised to a running operation; they are neither assigned nor free. [MOV-2] */
export interface Reservation {
  operationId: string;
  seats: number;
}

export interface SeatCounts {
  purchased: number;
  assigned: number;
  reservations: readonly Reservation[];
}

export const reservedSeats = (seats: SeatCounts): number =>
  seats.reservations.reduce((sum, r) => sum + r.seats, 0);

/** purchased - assigned - reserved; what can be promised now. */
export const freeSeats = (seats: SeatCounts): number =>
  seats.purchased - seats.assigned - reservedSeats(seats);

/** Throws `seats_short` unless `needed` seats are free. */
export const requireSeats = (seats: SeatCounts, needed: number): void => {
  const free = freeSeats(seats);
  if (needed > free) {
    throw new DomainError('seats_short', `${needed} seats are needed and ${free} are free.`, {
      needed,
      free,
      shortfall: needed - free,
    });
  }
};

export const SEATS_PER_PURCHASE = { min: 1, max: 10_000 } as const;
export const SEATS_PER_SUBSCRIPTION_MAX = 1_000_000;
