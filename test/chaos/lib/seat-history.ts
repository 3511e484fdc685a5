/** What was asked for that can change which seats one person holds. */
export type SeatWork =
  | { kind: 'assign' | 'remove' | 'purchase'; subscriptionId: string }
  | { kind: 'cancellation'; subscriptionId: string }
  | { kind: 'move'; subscriptionId: string; targetId: string }
  | { kind: 'deletion' | 'suspension' | 'return' };

/** One request, or the part of a bulk operation that was about one person. Times are milliseconds of the epoch. */
export interface SeatEntry {
  userId: string;
  work: SeatWork;
  /** The outcome for this person; null if nobody was told, so that the work may be done at any later time, or never. */
  answer: string | null;
  operationId: string | null;
  /** Nothing was done before this time. */
  askedAt: number;
  /** The work was done by this time; infinite if nobody knows. */
  answeredAt: number;
}

/** The current time, precise enough to order two requests of this process. */
export const timeNow = (): number => performance.timeOrigin + performance.now();

/** Every entry that the actors know of; what bulk operations did to people is added from their results by the verdict. */
export class SeatHistory {
  private readonly entries: SeatEntry[] = [];

  add(entry: SeatEntry): void {
    this.entries.push(entry);
  }

  all(): readonly SeatEntry[] {
    return this.entries;
  }
}
