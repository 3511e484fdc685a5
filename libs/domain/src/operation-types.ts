import type { OperationType } from './operation.js';

/**
 * What may still be given up after a step, by an operator's discard or an admin's stop:
 * - `release`: all that the operation holds is freed, and nothing that it did stays half done;
 * - `releaseUnlessCharged`: the same, as long as the payment provider neither has nor may have the money;
 * - `never`: it is past the point of return, and can only be resumed to its end.
 */
export type Undo = 'release' | 'releaseUnlessCharged' | 'never';

/** The words for what a run of each type records as done for good. */
interface Steps {
  purchase: 'charging';
  seatChange: 'charging' | 'taken';
  move: 'met' | 'closed';
  cancellation: 'cut';
  renewal: 'charging';
}

/** The steps of one type, or of any. */
export type OperationStep<T extends OperationType = OperationType> = Steps[T];

interface TypeRules<T extends OperationType> {
  /** In order, with what undoes it from that step on. Before the first step it is `release`. */
  steps: Readonly<Record<OperationStep<T>, Undo>>;
  /** Whether an admin may pause it between two chunks. [MOV-6] */
  pausable: boolean;
  /** Whether an admin may stop it where it is. [MOV-6] */
  stoppable: boolean;
  /** A provider that has failed for this long, ms, parks the operation. [BUY-6] */
  providerPatienceMs: number;
}

const DAY_MS = 24 * 3_600_000;

/** The steps of each type of operation, what undoes it, and its limits in time: handlers, the store and the gateway read them here. */
export const OPERATION_RULES = {
  /** Undone: the payment is abandoned, the order has failed, and the quote may be used again. */
  purchase: {
    steps: {
      /** Order and payment are on record, and the provider is asked for the money. */
      charging: 'releaseUnlessCharged',
    },
    pausable: false,
    stoppable: false,
    providerPatienceMs: DAY_MS,
  },
  /** Undone as a purchase, and the subscription is unlocked. */
  seatChange: {
    steps: {
      /** More seats: order and payment are on record, and the provider is asked for the money. */
      charging: 'releaseUnlessCharged',
      /** Fewer seats: they are gone, and a refund is owed for them. */
      taken: 'never',
    },
    pausable: false,
    stoppable: false,
    providerPatienceMs: DAY_MS,
  },
  /** Undone: the seats left of the reservation are freed, and the source is unlocked; each user stays where they are by then. */
  move: {
    steps: {
      /** Both halves of a large move are through, and their counters are one. */
      met: 'release',
      /** The empty source is canceled, and refunds are owed. */
      closed: 'never',
    },
    pausable: true,
    stoppable: true,
    providerPatienceMs: DAY_MS,
  },
  /** Undone: the subscription is unlocked. */
  cancellation: {
    steps: {
      /** All users have lost access, and refunds are owed; the licenses are swept after it. */
      cut: 'never',
    },
    pausable: true,
    stoppable: false,
    providerPatienceMs: DAY_MS,
  },
  /** Undone: the payment is abandoned, and an open bill is tried again on the next day at the earliest. */
  renewal: {
    steps: {
      /** Order, bill and payment are on record, and the provider is asked for the money. */
      charging: 'releaseUnlessCharged',
    },
    pausable: false,
    stoppable: false,
    providerPatienceMs: DAY_MS,
  },
} as const satisfies { [T in OperationType]: TypeRules<T> };

/** Limits of every type, for a claim does not know which types it will find. */
export const START_LIMITS = {
  /** Starts without a step or a chunk after which an operation is parked: it would only kill its worker again. */
  most: 5,
  /**
   * Starts without progress that may have another's fault: what kills its process takes down all that runs beside it. An operation
   * that had more is a suspect, and is claimed alone by a worker that runs no other one.
   */
  trusted: 2,
} as const;

/** What may still be given up of an operation that has come so far; nothing after a step that only another version knows. */
export const undoOf = ({ type, step }: { type: OperationType; step: OperationStep | null }): Undo => {
  if (step === null) return 'release';
  const steps: Readonly<Record<string, Undo>> = OPERATION_RULES[type].steps;
  return steps[step] ?? 'never';
};
