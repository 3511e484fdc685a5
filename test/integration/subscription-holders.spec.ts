import { beforeEach, describe, expect, it } from '@jest/globals';
import { Failpoints } from '@commissary/platform';
import {
  type ExportedUser,
  exportedUsers,
  type Holder,
  type SubscriptionDocument,
  SubscriptionHolders,
} from '@commissary/store';
import { deleteUser } from '../support/fixtures/people.js';
import { workerSuite } from '../support/fixtures/suite.js';
import { aCancellation, aMove, bought, central } from '../support/fixtures/takeovers.js';
import { runToEnd } from '../support/fixtures/worker.js';

const suite = workerSuite();
let { world, worker, tenancy } = suite;

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

/** Reads on from where it was, a page each time it is asked to. */
class Reader {
  readonly read: Holder[] = [];

  constructor(
    private readonly subscription: SubscriptionDocument,
    private readonly limit: number,
  ) {}

  /** False at the end. */
  async page(): Promise<boolean> {
    const after = this.read.at(-1)?.place ?? null;
    const page = await new SubscriptionHolders(world.database).next(this.subscription, after, this.limit);
    this.read.push(...page);
    return page.length === this.limit;
  }

  async rest(): Promise<this> {
    while (await this.page());
    return this;
  }

  get userIds(): string[] {
    return this.read.map((holder) => holder.userId);
  }
}

/** Does something each time one of some named points is reached. */
class EachTime extends Failpoints {
  constructor(
    private readonly at: readonly string[],
    private readonly happens: () => Promise<unknown>,
  ) {
    super('');
  }

  override async hit(name: string): Promise<void> {
    if (this.at.includes(name)) await this.happens();
  }
}

describe('who holds a subscription', () => {
  it('[ADM-3] is read in the order of user ids, by pages of any size', async () => {
    const { subscription, holders } = await bought(world, worker, tenancy, { others: 12 });
    for (const limit of [1, 5, 13, 14]) {
      expect((await new Reader(subscription, limit).rest()).userIds).toEqual(holders);
    }
  });

  it('[CAN-2] are its last holders once a cancellation has swept it, whatever the size of a page', async () => {
    const { subscription, holders } = await bought(world, worker, tenancy, { others: 1_100 });
    await runToEnd(world, worker, await aCancellation(world, tenancy, subscription));
    for (const limit of [51, 1_000, 1_101, 2_000]) {
      const { read, userIds } = await new Reader(subscription, limit).rest();
      expect(userIds).toEqual(holders);
      expect(read.filter((holder) => holder.license !== null)).toEqual([]);
    }
  });

  it('[CAN-2] misses nobody and gives nobody twice while the licenses are swept', async () => {
    const { subscription, holders } = await bought(world, worker, tenancy, { others: 3_299 });
    const cancellation = await aCancellation(world, tenancy, subscription);
    const slow = new Reader(subscription, 70);
    const quick = new Reader(subscription, 900);
    // Before the cut, inside each transaction of the sweep and between them.
    await Promise.all([slow.page(), quick.page()]);
    const points = ['cancellation.cut', 'cancellation.sweeping', 'cancellation.chunk'];
    const failpoints = new EachTime(points, () => Promise.all([slow.page(), quick.page()]));
    await runToEnd(world, await suite.another({ failpoints }), cancellation);
    expect(slow.read.length).toBeLessThan(holders.length);
    expect((await slow.rest()).userIds).toEqual(holders);
    expect((await quick.rest()).userIds).toEqual(holders);
    expect(quick.read.some((holder) => holder.license !== null)).toBe(true);
    expect(slow.read.some((holder) => holder.license === null)).toBe(true);
  });

  it('[ADM-3, CAN-2] exports everybody once while the licenses are swept', async () => {
    const { subscription, holders } = await bought(world, worker, tenancy, { others: 3_299 });
    const cancellation = await aCancellation(world, tenancy, subscription);
    const exporting = exportedUsers(world.database, subscription);
    const read: ExportedUser[] = [];
    const batches = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1)
        read.push(...(((await exporting.next()) as IteratorResult<ExportedUser[], undefined>).value ?? []));
    };
    await batches(3);
    const points = ['cancellation.cut', 'cancellation.sweeping', 'cancellation.chunk'];
    // Three more while it is swept, in however many chunks: the last ones are gone when they are read.
    let left = 3;
    const failpoints = new EachTime(points, async () => {
      if ((left -= 1) >= 0) await batches(1);
    });
    await runToEnd(world, await suite.another({ failpoints }), cancellation);
    for await (const batch of exporting) read.push(...batch);
    expect(read.map(({ account }) => account._id)).toEqual(holders);
    expect(read[0]?.assignedAt).not.toBeNull();
    expect(read.at(-1)?.assignedAt).toBeNull();
  });

  it('[CAN-2] misses nobody when a chunk is swept between the two reads of one page', async () => {
    const { subscription, holders } = await bought(world, worker, tenancy, { others: 1_499 });
    const cancellation = await aCancellation(world, tenancy, subscription);
    let ended: Promise<void> | null = null;
    /** The whole sweep happens after the licenses of the first page have been read. */
    class SweptMeanwhile extends SubscriptionHolders {
      protected override async sweepOf(of: SubscriptionDocument): Promise<string | null> {
        ended ??= runToEnd(world, worker, cancellation);
        await ended;
        return super.sweepOf(of);
      }
    }
    const reader = new SweptMeanwhile(world.database);
    const first = await reader.next(subscription, null, 1_200);
    const second = await reader.next(subscription, first.at(-1)?.place ?? null, 1_200);
    expect([...first, ...second].map((holder) => holder.userId)).toEqual(holders);
    expect(first.every((holder) => holder.license !== null)).toBe(true);
    expect(second.every((holder) => holder.license === null)).toBe(true);
  });

  it('[CAN-2] is nobody who was deleted while it was cancelled', async () => {
    const { subscription, holders } = await bought(world, worker, tenancy, { others: 3 });
    const cancellation = await aCancellation(world, tenancy, subscription);
    const leaving = holders.find((user) => user !== tenancy.buyer._id)!;
    const failpoints = new EachTime(['cancellation.cut'], () => deleteUser(world, tenancy, leaving));
    await runToEnd(world, await suite.another({ failpoints }), cancellation);
    const { userIds } = await new Reader(subscription, 10).rest();
    expect(userIds).toEqual(holders.filter((user) => user !== leaving));
  });

  it('[MOV-5] is nobody of a subscription whose users were moved away', async () => {
    const { subscription, holders } = await bought(world, worker, tenancy, { others: 2 });
    const target = await central(world, tenancy, { seats: 5 });
    await runToEnd(world, worker, await aMove(world, tenancy, subscription, target));
    expect((await new Reader(subscription, 10).rest()).userIds).toEqual([]);
    expect((await new Reader(target, 10).rest()).userIds).toEqual(holders);
  });
});
