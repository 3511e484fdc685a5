import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ListView, OperationView } from '@commissary/contracts';
import { OPERATION_STATUSES, type OperationStatus, type OperationType, SYSTEM } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { type OperationDocument, OperationsRepository, type UserDocument } from '@commissary/store';
import { aTenant } from '../support/documents.js';
import { Profile } from '../support/fixtures/profile.js';
import { aSubscriptionOf, openShop, type Shop } from '../support/gateway/shop.js';
import { collectionsOf } from '../support/driver.js';

let shop: Shop;
let profile: Profile;

beforeAll(async () => {
  shop = await openShop();
  profile = await Profile.open(shop.gateway.database);
});

afterAll(() => shop.gateway.close());

interface Asked {
  by?: OperationDocument['requestedBy'];
  type?: OperationType;
  status?: OperationStatus;
  subscriptionId?: string | null;
  tenantId?: string;
}

const actor = ({ _id, displayName, tenantId }: UserDocument) => ({ userId: _id, displayName, tenantId });

const anOperation = (asked: Asked = {}): OperationDocument => {
  const { tenantId = shop.tenant._id, status = 'succeeded', type = 'purchase' } = asked;
  const made = OperationsRepository.newDocument(
    {
      id: newId('op'),
      tenantId,
      type: 'cancellation',
      subscriptionId: asked.subscriptionId ?? null,
      request: { by: 'lifecycle', reason: null, comment: null, onBehalfOf: null },
      requestedBy: asked.by ?? actor(shop.colleague),
      origin: { ip: '127.0.0.1', requestId: 'req_test' },
      total: 1,
    },
    new Date(),
  );
  return { ...made, type, status } as OperationDocument;
};

const insert = (operations: OperationDocument[]) =>
  collectionsOf(shop.gateway.database).operations.insertMany(operations);

const list = async (who: UserDocument, query = ''): Promise<OperationView[]> => {
  const items: OperationView[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body }: { body: ListView<OperationView> } = await shop.gateway.as(
      who,
      'GET',
      `/v1/operations?limit=7&${query}${cursor && `&cursor=${cursor}`}`,
    );
    items.push(...body.items);
    cursor = body.nextCursor;
  }
  return items;
};

describe('the list of operations', () => {
  it('[OWN-1, BUY-9] shows a purchaser what they may read by its id, and nothing else', async () => {
    const system = { ...SYSTEM, tenantId: shop.tenant._id };
    const mine = await aSubscriptionOf(shop, 5, { purchaserId: shop.buyer._id });
    const other = await aSubscriptionOf(shop, 5, { purchaserId: shop.colleague._id });
    const all = [
      anOperation({ by: system, type: 'renewal', subscriptionId: mine._id }),
      anOperation({ by: system, type: 'cancellation', subscriptionId: mine._id }),
      anOperation({ by: system, type: 'renewal', subscriptionId: other._id }),
      anOperation({ by: actor(shop.admin), type: 'cancellation', subscriptionId: mine._id }),
      anOperation({ by: actor(shop.buyer), type: 'seatChange', subscriptionId: mine._id }),
      ...Array.from({ length: 8 }, () => anOperation({ by: actor(shop.buyer), status: 'rejected' })),
    ];
    await insert(all);
    const readable = [];
    for (const { _id } of all) {
      const { status } = await shop.gateway.as(shop.buyer, 'GET', `/v1/operations/${_id}`);
      if (status === 200) readable.push(_id);
    }
    expect(readable).toHaveLength(11);
    expect((await list(shop.buyer)).map(({ id }) => id)).toEqual(readable.reverse());
    const renewals = await list(shop.buyer, 'type=renewal');
    expect(renewals.map(({ id }) => id)).toEqual([all[0]!._id]);
    expect((await list(shop.reader)).map(({ id }) => id)).toEqual(all.map(({ _id }) => _id).reverse());
  });

  it('[ADM-1] reads no more than it shows, whatever is filtered for', async () => {
    const noise = Array.from({ length: 3_000 }, () => anOperation());
    const elsewhere = aTenant()._id;
    const foreign = Array.from({ length: 500 }, (_, n) =>
      anOperation({ tenantId: elsewhere, status: OPERATION_STATUSES[n % 9]!, type: 'move' }),
    );
    const system = { ...SYSTEM, tenantId: shop.tenant._id };
    const buyer = await shop.gateway.user(shop.tenant);
    const bought = await aSubscriptionOf(shop, 5, { purchaserId: buyer._id });
    const few = OPERATION_STATUSES.flatMap((status) => [
      anOperation({ type: 'move', status }),
      anOperation({ type: 'renewal', status, by: system, subscriptionId: bought._id }),
    ]);
    // Oldest first: whoever looks through the newest ones comes to them last.
    await insert([...few, ...noise, ...foreign]);
    const examined = async (who: UserDocument, query: string): Promise<[number, number]> => {
      let shown = 0;
      const read = await profile.during(async () => {
        const { body } = await shop.gateway.as<ListView<OperationView>>(
          who,
          'GET',
          `/v1/operations?limit=200&${query}`,
        );
        shown = body.items.length;
      });
      const operations = read.filter(({ op, collection }) => op === 'query' && collection === 'operations');
      return [operations.reduce((sum, { docsExamined }) => sum + docsExamined, 0), shown];
    };
    for (const query of ['type=move', 'type=renewal', 'type=move&status=succeeded', 'status=succeeded']) {
      const [read, shown] = await examined(shop.admin, query);
      expect(shown).toBeGreaterThan(0);
      expect(read).toBeLessThanOrEqual(shown + 20);
    }
    for (const status of OPERATION_STATUSES.filter((each) => each !== 'succeeded')) {
      const [read, shown] = await examined(shop.admin, `status=${status}`);
      expect(shown).toBeGreaterThan(0);
      // Open ones are few over all tenants together.
      expect([status, read <= shown + 120]).toEqual([status, true]);
    }
    for (const [query, all] of [
      ['', 9],
      ['status=failed', 9],
      ['type=renewal', 9],
    ] as const) {
      // The profiler may add the end of what was asked before.
      expect((await examined(buyer, query))[0]).toBeLessThanOrEqual(all + 10);
    }
  });
});
