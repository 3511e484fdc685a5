import type { SeatEntry } from './seat-history.js';
import { type FactsOf, isAboutSeats, NO_SEATS, type Seats, seatsAfter } from './seat-rules.js';

/** One entry in the order that was found, and the seats after it. */
export interface Step {
  entry: SeatEntry;
  seats: Seats;
}

export interface Explanation {
  /**
   * `explained`: some order of the entries fits every answer and leads to the seats that are held. `otherSeats`: orders fit every
   * answer, and none leads there. `contradiction`: no order fits every answer. `undecided`: there are too many orders to try.
   */
  verdict: 'explained' | 'otherSeats' | 'contradiction' | 'undecided';
  /** The order that was found, or the longest one that fits the answers. */
  order: Step[];
  /** What every order that fits all answers leads to, each as `seatsText` writes it. */
  ends: string[];
}

/** More states than these are not tried; a person with a hundred entries, few of which overlap, needs some hundreds. */
const MOST_STATES = 50_000;

export const seatsText = ({ byProduct }: Pick<Seats, 'byProduct'>): string =>
  [...byProduct]
    .map(([productId, subscriptionId]) => `${productId}=${subscriptionId}`)
    .sort()
    .join(' ') || 'no seat';

/**
 * Looks for an order of the entries of one person that explains the seats `held` (as `seatsText` writes them). An entry was done
 * between its request and its answer; one that nobody was told of was done at any time after its request, or never. This is a check
 * of linearizability, whose object is the seats of one person.
 */
export const explainSeats = (entries: readonly SeatEntry[], held: string, factsOf: FactsOf): Explanation =>
  new SeatSearch(entries.filter(isAboutSeats), held, factsOf).run();

class SeatSearch {
  private readonly entries: SeatEntry[];
  private readonly done: boolean[];
  /** By the place of an entry that nobody was told of: the one before it that asked for the same, and is tried first. */
  private readonly twins: (number | undefined)[];
  private readonly seen = new Set<string>();
  private readonly ends = new Set<string>();
  private readonly path: Step[] = [];
  private longest: Step[] = [];
  private mostCertain = -1;
  private readonly certain: number;

  constructor(
    entries: readonly SeatEntry[],
    private readonly held: string,
    private readonly factsOf: FactsOf,
  ) {
    this.entries = [...entries].sort((a, b) => a.answeredAt - b.answeredAt || a.askedAt - b.askedAt);
    this.done = this.entries.map(() => false);
    this.twins = twinsIn(this.entries);
    this.certain = this.entries.filter(isCertain).length;
  }

  run(): Explanation {
    const isExplained = this.from(NO_SEATS, 0, 0n);
    const order = isExplained ? [...this.path] : this.longest;
    return { verdict: this.verdict(isExplained), order, ends: [...this.ends] };
  }

  private verdict(isExplained: boolean): Explanation['verdict'] {
    if (isExplained) return 'explained';
    if (this.seen.size >= MOST_STATES) return 'undecided';
    return this.ends.size > 0 ? 'otherSeats' : 'contradiction';
  }

  /** True once the path explains the held seats; the path is left as it is then. */
  private from(seats: Seats, certainDone: number, doneBits: bigint): boolean {
    const key = `${doneBits.toString(36)} ${String(seats.isDeleted)} ${seatsText(seats)}`;
    if (this.seen.has(key) || this.seen.size >= MOST_STATES) return false;
    this.seen.add(key);
    this.remember(certainDone);
    if (certainDone === this.certain) {
      this.ends.add(seatsText(seats));
      if (seatsText(seats) === this.held) return true;
    }
    const latest = this.earliestEnd();
    return this.entries.some((entry, at) => {
      if (this.done[at] || entry.askedAt > latest || this.hasTwin(at)) return false;
      const next = seatsAfter(seats, entry, this.factsOf);
      if (next === null) return false;
      const nowDone = certainDone + Number(isCertain(entry));
      return this.through(at, { entry, seats: next }, () =>
        this.from(next, nowDone, doneBits | (1n << BigInt(at))),
      );
    });
  }

  private through(at: number, step: Step, goOn: () => boolean): boolean {
    this.done[at] = true;
    this.path.push(step);
    if (goOn()) return true;
    this.path.pop();
    this.done[at] = false;
    return false;
  }

  private hasTwin(at: number): boolean {
    const twin = this.twins[at];
    return twin !== undefined && this.done[twin] === false;
  }

  private remember(certainDone: number): void {
    if (certainDone <= this.mostCertain) return;
    this.mostCertain = certainDone;
    this.longest = [...this.path];
  }

  /** What was asked after another entry had been answered was done after it. */
  private earliestEnd(): number {
    return Math.min(...this.entries.map((entry, at) => (this.done[at] ? Infinity : entry.answeredAt)));
  }
}

const isCertain = ({ answer }: SeatEntry): boolean => answer !== null;

const twinsIn = (entries: readonly SeatEntry[]): (number | undefined)[] => {
  const last = new Map<string, number>();
  return entries.map((entry, at) => {
    if (isCertain(entry)) return undefined;
    const work = JSON.stringify(entry.work);
    const twin = last.get(work);
    last.set(work, at);
    return twin;
  });
};
