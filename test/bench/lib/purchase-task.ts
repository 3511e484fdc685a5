/** What a side of P1, P2 and P3 is asked for. */
export interface PurchaseTask {
  tenantId: string;
  operationIds: string[];
  /** Each is asked for when the one before it has ended. */
  oneByOne: boolean;
}

/** Runs the task by `add`, which puts purchases on the queue, and `done`, for the end of the last of them. Returns how long each took, ms. */
export const runTask = async (
  { operationIds, oneByOne }: PurchaseTask,
  add: (operationIds: string[]) => Promise<void>,
  done: (count: number) => Promise<void>,
): Promise<number[]> => {
  const latencies: number[] = [];
  const groups = oneByOne ? operationIds.map((id) => [id]) : [operationIds];
  for (const ids of groups) {
    const began = performance.now();
    const ended = done(ids.length);
    await add(ids);
    await ended;
    latencies.push(performance.now() - began);
  }
  return latencies;
};

/** Calls back when so many have been counted. */
export class Countdown {
  private left = 0;
  private whenDone: (() => void) | null = null;

  from(count: number): Promise<void> {
    this.left = count;
    return new Promise((resolve) => (this.whenDone = resolve));
  }

  count(): void {
    this.left -= 1;
    if (this.left === 0) this.whenDone?.();
  }
}
