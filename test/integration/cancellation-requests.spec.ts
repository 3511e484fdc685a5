import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CancellationRequestedView } from '@commissary/contracts';
import { newId } from '@commissary/platform';
import type { SubscriptionDocument, UserDocument } from '@commissary/store';
import { aSubscriptionOf, openShop, type OrProblem, post, type Shop } from '../support/gateway/shop.js';
import { collectionsOf } from '../support/driver.js';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.gateway.close());

const collections = () => collectionsOf(shop.gateway.database);

const bought = (fields: Partial<SubscriptionDocument> = {}) =>
  aSubscriptionOf(shop, 5, { purchaserId: shop.buyer._id, ...fields });

const ask = (
  { _id }: Pick<SubscriptionDocument, '_id'>,
  body: unknown = {},
  { by = shop.admin, key = newId('req') }: { by?: UserDocument; key?: string } = {},
) =>
  post<OrProblem<CancellationRequestedView>>(
    shop,
    by,
    `/v1/subscriptions/${_id}/cancellation-request`,
    body,
    {
      'idempotency-key': key,
    },
  );

const recordsOf = async ({ _id }: SubscriptionDocument) => {
  const events = await collections().events.find({ subjectId: _id }).toArray();
  const eventIds = events.map((event) => event._id);
  const mails = await collections()
    .notifications.find({ eventId: { $in: eventIds } })
    .toArray();
  const entries = await collections().audit.find({ 'subject.id': _id }).toArray();
  return { events, mails, entries };
};

describe('asking the purchaser to cancel', () => {
  it('[ADM-6, ADM-9, MSG-3] mails the purchaser, with an event and an audit entry, and changes nothing else', async () => {
    const mine = await bought();
    const message = 'We have licenses for all.\n\nMorgan';
    const { status, body } = await ask(mine, { message: `  ${message}\n` });
    const { _id: userId, displayName, email } = shop.buyer;
    expect([status, body]).toEqual([
      201,
      {
        subscriptionId: mine._id,
        purchaser: { userId, displayName, email },
        message,
        requestedAt: expect.stringMatching(/Z$/),
      },
    ]);
    const { events, mails, entries } = await recordsOf(mine);
    expect(events).toMatchObject([
      { type: 'cancellation.requested', data: { recipients: { pleaseCancel: [userId] } } },
    ]);
    const params = { subscriptionId: mine._id, seats: 5, assigned: 0, adminName: 'Morgan Reyes', message };
    expect(mails).toMatchObject([{ template: 'pleaseCancel', recipientUserId: userId, params }]);
    expect(entries).toMatchObject([
      {
        action: 'cancellation.requested',
        actor: { userId: shop.admin._id },
        before: null,
        after: { purchaserId: userId, message },
      },
    ]);
    expect(await collections().subscriptions.findOne({ _id: mine._id })).toEqual(mine);
  });

  it.each([[{}], [{ message: null }], [{ message: ' ' }]])(
    '[ADM-6] may go without a message: %j',
    async (body) => {
      const mine = await bought();
      expect((await ask(mine, body)).body.message).toBeNull();
      expect((await recordsOf(mine)).mails).toMatchObject([{ params: { message: null } }]);
    },
  );

  it('[ADM-6, EXT-1] is one mail for a key however often it is sent, and another for another key', async () => {
    const mine = await bought();
    const key = newId('req');
    const replies = await Promise.all(Array.from({ length: 10 }, () => ask(mine, {}, { key })));
    expect(new Set(replies.map(({ status, body }) => JSON.stringify([status, body])))).toHaveProperty(
      'size',
      1,
    );
    expect((await recordsOf(mine)).mails).toHaveLength(1);
    const reused = await ask(mine, { message: 'Other' }, { key });
    expect([reused.status, reused.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect((await ask(mine)).status).toBe(201);
    expect((await recordsOf(mine)).mails).toHaveLength(2);
    const path = `/v1/subscriptions/${mine._id}/cancellation-request`;
    const keyless = await shop.gateway.as(shop.admin, 'POST', path, { body: {} });
    expect([keyless.status, keyless.body.code]).toEqual([400, 'idempotency_key_missing']);
  });

  it('[ADM-6] is refused where nobody could cancel it, and says why', async () => {
    const gone = await shop.gateway.user(shop.tenant, { state: 'deleted' });
    const refused = [
      await ask(await bought({ origin: 'central', purchaserId: null })),
      await ask(await bought({ status: 'deleted' })),
      await ask(await bought({ purchaserId: gone._id })),
      await ask(await bought({ operationId: 'op_running' })),
      await ask({ _id: 'sub_unknown' }),
    ];
    expect(refused.map(({ status, body }) => [status, body.code, body.state ?? body.operation])).toEqual([
      [409, 'illegal_state', 'central'],
      [409, 'illegal_state', 'deleted'],
      [409, 'illegal_state', 'purchaserLeft'],
      [409, 'operation_in_progress', '/v1/operations/op_running'],
      [404, 'not_found', undefined],
    ]);
  });

  it('[ADM-6, ADM-7] is for admins of the tenant; a foreign one is not there', async () => {
    const mine = await bought();
    for (const by of [shop.reader, shop.buyer, shop.colleague]) {
      const { status, body } = await ask(mine, {}, { by });
      expect([status, body.code]).toEqual([403, 'forbidden']);
    }
    const elsewhere = await shop.gateway.user(await shop.gateway.tenant(), { roles: ['globalAdmin'] });
    expect((await ask(mine, {}, { by: elsewhere })).status).toBe(404);
    expect((await recordsOf(mine)).mails).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['too long', { message: 'x'.repeat(2_001) }],
    ['with NUL', { message: 'a\u0000b' }],
    ['that turns text around', { message: 'a\u202eb' }],
    ['with a card number', { message: 'Use 4242 4242 4242 4242' }],
    ['that is no text', { message: { $ne: 1 } }],
    ['beside an unknown field', { message: 'Hello', to: 'someone@elsewhere.example' }],
  ])('[ADM-6, BUY-3] takes no message %s', async (_name, body) => {
    const mine = await bought();
    const reply = await ask(mine, body);
    expect([reply.status, reply.body.code]).toEqual([400, 'invalid_request']);
    expect((await recordsOf(mine)).entries).toEqual([]);
  });
});
