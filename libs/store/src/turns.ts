/**
 * Work on one hot document, one after the other within this process: MongoDB lets one transaction win and the others run
 * again, so that hundreds at once on the same document would mostly repeat each other. Only the waiting is decided here;
 * what holds between processes is still held by the transactions.
 */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.last.get(key) === mine) this.last.delete(key);
    }
  }
}
