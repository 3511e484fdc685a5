/**
 * The seats that are reserved for a move and not yet used, shared out between its two halves. Only the run whose fence both
 * halves match spends them, so that what it counts here holds in MongoDB.
 */
export class SeatBudget {
  constructor(private left: number) {}

  /** For one transaction, which may be attempted several times. */
  share(): SeatShare {
    let taken = 0;
    const giveBack = (): number => {
      this.left += taken;
      taken = 0;
      return this.left;
    };
    const take = (seats: number): void => {
      if (seats > this.left) throw new RangeError(`${seats} seats of ${this.left}`);
      this.left -= seats;
      taken = seats;
    };
    return { available: giveBack, take, giveBack };
  }
}

export interface SeatShare {
  /** Seats there are, those of an earlier attempt given back. */
  available(): number;
  /** Takes so many of them; throws RangeError if there are fewer. */
  take(seats: number): void;
  giveBack(): void;
}
