import { Injectable } from '@nestjs/common';
import type { CapacityQuery, CapacityView, ListView } from '@commissary/contracts';
import { addDays, utcDay } from '@commissary/domain';
import {
  CapacityRepository,
  type CapacitySampleDocument,
  DatabaseClock,
  type GroupKey,
  type SeatGroup,
  UserSummariesRepository,
} from '@commissary/store';
import { pageOf, toList } from '../http/paging.js';
import type { RequestContext } from '../http/request-context.js';
import { purchaserView, seatCountsView } from '../products/seat-counts.view.js';

/** Self-service seats per product and purchaser, now and over the last days. [ADM-4] */
@Injectable()
export class CapacityService {
  constructor(
    private readonly users: UserSummariesRepository,
    private readonly capacity: CapacityRepository,
    private readonly clock: DatabaseClock,
  ) {}

  async list(ctx: RequestContext, query: CapacityQuery): Promise<ListView<CapacityView>> {
    const { tenantId } = ctx;
    const { limit, after } = pageOf(query);
    const groups = await this.capacity.groups(tenantId, {
      limit,
      productId: query.productId,
      after: after === undefined ? undefined : groupOf(after),
    });
    const now = this.clock.now();
    const today = utcDay(now);
    const days = { from: utcDay(addDays(now, -query.days)), before: today };
    const [people, samples] = await Promise.all([
      this.users.byIds(
        tenantId,
        groups.map((group) => group.purchaserId),
      ),
      this.samplesByGroup(tenantId, groups, days),
    ]);
    const rows = groups.map((group) => ({ _id: keyOf(group), group }));
    return toList(rows, query, ({ _id, group }) => ({
      productId: group.productId,
      productName: group.productName,
      purchaser: purchaserView(people.get(group.purchaserId)),
      subscriptions: group.subscriptionCount,
      seats: seatCountsView(group),
      trend: trendOf(group, samples.get(_id) ?? [], today),
    }));
  }

  private async samplesByGroup(
    tenantId: string,
    groups: readonly SeatGroup[],
    days: { from: string; before: string },
  ): Promise<ReadonlyMap<string, CapacitySampleDocument[]>> {
    const byGroup = new Map<string, CapacitySampleDocument[]>(groups.map((group) => [keyOf(group), []]));
    const samples = await this.capacity.samplesOf(tenantId, groups, days);
    for (const sample of samples) byGroup.get(keyOf(sample))?.push(sample);
    return byGroup;
  }
}

const trendOf = (
  group: SeatGroup,
  samples: readonly CapacitySampleDocument[],
  today: string,
): CapacityView['trend'] => [
  ...samples.map((sample) => ({ on: sample.on, ...seatCountsView(sample) })),
  { on: today, ...seatCountsView(group) },
];

const keyOf = ({ productId, purchaserId }: GroupKey): string => `${productId}:${purchaserId ?? ''}`;

/** An account's id holds no colon. */
const groupOf = (key: string): GroupKey => {
  const colon = key.lastIndexOf(':');
  return { productId: key.slice(0, colon), purchaserId: key.slice(colon + 1) || null };
};
