import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntryView, ListView, OperationView } from '@commissary/contracts';
import { addDays } from '@commissary/domain';
import { newId } from '@commissary/platform';
import type { UserDocument } from '@commissary/store';
import { aMove } from '../support/gateway/a-move.js';
import { aSubscriptionOf, openShop, post, POWER_BI_PRO, type Shop } from '../support/gateway/shop.js';
import type { Ask, Reply } from '../support/gateway/test-gateway.js';
import { collectionsOf } from '../support/driver.js';

/** Whatever an admin changes: who, when, from where, before and after; and nothing of what was refused. [ADM-9] */

let shop: Shop;
let partner: UserDocument;

beforeAll(async () => {
  shop = await openShop();
  const { gateway, tenant } = shop;
  const home = await gateway.tenant();
  partner = await gateway.user(home, { roles: ['partner'], displayName: 'Pat Partner' });
  await collectionsOf(gateway.database).delegations.insertOne({
    _id: newId('del'),
    tenantId: tenant._id,
    partnerTenantId: home._id,
    scopes: ['view', 'takeover'],
    endsAt: addDays(new Date(), 30),
  });
});

afterAll(() => shop.gateway.close());

const POLICY = '/v1/policies/AllowSelfServicePurchase';
const SUBSCRIPTIONS = '/v1/subscriptions';

const send = (method: string, path: string, body?: unknown, headers: Ask['headers'] = {}) =>
  shop.gateway.as<{ id: string }>(shop.admin, method, path, { ...(body !== undefined && { body }), headers });

const create = (path: string, body: unknown) => post<{ id: string }>(shop, shop.admin, path, body);

const trailOf = async (query: string): Promise<AuditEntryView[]> =>
  (await shop.gateway.as<ListView<AuditEntryView>>(shop.admin, 'GET', `/v1/audit?${query}`)).body.items;

const selfService = (holders: UserDocument[] = []) =>
  aSubscriptionOf(shop, 5, { purchaserId: shop.buyer._id, holders });
const central = (holders: UserDocument[] = []) => aSubscriptionOf(shop, 50, { origin: 'central', holders });

const version = async (): Promise<string> => {
  const { headers } = await shop.gateway.as(shop.admin, 'GET', `${POLICY}/products`);
  return headers.get('etag') ?? '';
};

interface Act {
  reply: Reply<unknown>;
  subject: string;
  before: unknown;
  after: unknown;
}

const any = expect.anything();

/** What is done, the action its entry names, and what it says. */
const ACTIONS: [name: string, action: string, act: () => Promise<Act>][] = [
  [
    'MOV-1 a move',
    'operation.accepted',
    async () => {
      const [source, target] = await Promise.all([selfService(), central()]);
      const path = `${SUBSCRIPTIONS}/${source._id}/move`;
      const reply = await create(path, { targetSubscriptionId: target._id });
      const after = {
        type: 'move',
        subscriptionId: source._id,
        request: { targetSubscriptionId: target._id },
      };
      return { reply, subject: reply.body.id, before: null, after };
    },
  ],
  ...(['pause', 'resume', 'stop'] as const).map((verb): (typeof ACTIONS)[number] => {
    const done = { pause: 'paused', resume: 'resumed', stop: 'stopped' }[verb];
    return [
      `MOV-3 ${verb} of a move`,
      `operation.${done}`,
      async () => {
        const { operation } = await aMove(shop.gateway.database, shop.admin);
        if (verb === 'resume') await create(`/v1/operations/${operation._id}/pause`, undefined);
        const reply = await create(`/v1/operations/${operation._id}/${verb}`, undefined);
        const before = { status: verb === 'resume' ? 'paused' : 'accepted' };
        const after = { status: (reply.body as unknown as OperationView).status };
        return { reply, subject: operation._id, before, after };
      },
    ];
  }),
  [
    'CAN-1 a cancellation, with its reason and comment',
    'operation.accepted',
    async () => {
      const { _id } = await selfService();
      const asked = { reason: 'unused', comment: 'Nobody uses it' };
      const reply = await create(`${SUBSCRIPTIONS}/${_id}/cancel`, asked);
      const after = { type: 'cancellation', subscriptionId: _id, request: asked };
      return { reply, subject: reply.body.id, before: null, after };
    },
  ],
  [
    'ADM-6 a request to cancel',
    'cancellation.requested',
    async () => {
      const { _id } = await selfService();
      const reply = await create(`${SUBSCRIPTIONS}/${_id}/cancellation-request`, { message: 'Please' });
      return { reply, subject: _id, before: null, after: { purchaserId: shop.buyer._id, message: 'Please' } };
    },
  ],
  [
    'ADM-6 a central purchase',
    'subscription.created',
    async () => {
      const reply = await create(SUBSCRIPTIONS, { productId: POWER_BI_PRO, quantity: 7, term: 'P1Y' });
      return { reply, subject: reply.body.id, before: null, after: { origin: 'central', seats: 7 } };
    },
  ],
  [
    'ADM-6 more central seats',
    'operation.accepted',
    async () => {
      const { _id } = await central();
      const headers = { 'idempotency-key': newId('req') };
      const reply = await send('PUT', `${SUBSCRIPTIONS}/${_id}/seats`, { total: 60 }, headers);
      const after = { type: 'seatChange', request: { seats: 60, seatsBefore: 50 } };
      return { reply, subject: reply.body.id, before: null, after };
    },
  ],
  [
    'ADM-6 licenses given',
    'license.assigned',
    async () => {
      const [{ _id }, user] = await Promise.all([central(), shop.gateway.user(shop.tenant)]);
      const reply = await create(`${SUBSCRIPTIONS}/${_id}/licenses`, { users: [user.email] });
      return { reply, subject: _id, before: null, after: { assigned: [user._id], switched: [] } };
    },
  ],
  [
    'ADM-6 licenses taken',
    'license.removed',
    async () => {
      const user = await shop.gateway.user(shop.tenant);
      const { _id } = await central([user]);
      const reply = await create(`${SUBSCRIPTIONS}/${_id}/licenses/remove`, { users: [user._id] });
      return { reply, subject: _id, before: { licensed: [user._id] }, after: null };
    },
  ],
  [
    'ADM-3 an export',
    'users.exported',
    async () => {
      const { _id } = await selfService();
      const reply = await send('GET', `/v1/exports/users?subscriptionId=${_id}`);
      return { reply, subject: _id, before: null, after: null };
    },
  ],
  [
    'ADM-8 the settings of mails',
    'settings.set',
    async () => {
      const reply = await send('PUT', '/v1/settings/notifications', { purchaseAlerts: 'digest' });
      const before = { version: 0, purchaseAlerts: 'immediate' };
      return { reply, subject: shop.tenant._id, before, after: { version: 1, purchaseAlerts: 'digest' } };
    },
  ],
  [
    'POL-3 the policy of a product',
    'policy.set',
    async () => {
      const reply = await send('PUT', `${POLICY}/products/${POWER_BI_PRO}`, { policyValue: 'Disabled' });
      const values = (value: string) => ({ values: { [POWER_BI_PRO]: value } });
      return { reply, subject: shop.tenant._id, before: values('Enabled'), after: values('Disabled') };
    },
  ],
  [
    'POL-5 the default of the policy',
    'policy.set',
    async () => {
      const headers = { 'if-match': await version() };
      const reply = await send('PUT', `${POLICY}/default`, { policyValue: 'Disabled' }, headers);
      const [before, after] = [{ defaultValue: 'Enabled' }, { defaultValue: 'Disabled' }];
      return { reply, subject: shop.tenant._id, before, after };
    },
  ],
  [
    'POL-7 a revert of the policy',
    'policy.set',
    async () => {
      const headers = { 'if-match': await version(), 'idempotency-key': newId('req') };
      const reply = await send('POST', `${POLICY}/history/0/revert`, undefined, headers);
      return { reply, subject: shop.tenant._id, before: any, after: { revertedTo: 0 } };
    },
  ],
  [
    'EXT-3 a new account',
    'user.created',
    async () => {
      const email = `new@${shop.tenant.domains[0] ?? ''}`;
      const reply = await create('/v1/users', { email, displayName: 'New' });
      return { reply, subject: reply.body.id, before: null, after: { email } };
    },
  ],
  [
    'EXT-3 an account disabled',
    'user.stateSet',
    async () => {
      const { _id } = await shop.gateway.user(shop.tenant);
      const reply = await send('PATCH', `/v1/users/${_id}`, { state: 'disabled' });
      return { reply, subject: _id, before: { state: 'active' }, after: { state: 'disabled' } };
    },
  ],
  [
    'EXT-3 an account deleted',
    'user.deleted',
    async () => {
      const { _id } = await shop.gateway.user(shop.tenant);
      const reply = await send('DELETE', `/v1/users/${_id}`);
      return { reply, subject: _id, before: { state: 'active' }, after: { state: 'deleted' } };
    },
  ],
];

describe('the trail of what an admin did [ADM-9]', () => {
  it.each(ACTIONS)('[ADM-9] %s: %s', async (_, action, act) => {
    const began = Date.now();
    const { reply, subject, before, after } = await act();
    expect([reply.status < 300, reply.body]).toEqual([true, reply.body]);
    const entries = (await trailOf(`action=${action}&actor=${shop.admin._id}`)).filter(
      (entry) => entry.requestId === reply.headers.get('request-id'),
    );
    expect(entries).toHaveLength(1);
    const [entry] = entries;
    expect(entry).toMatchObject({
      actor: { userId: shop.admin._id, displayName: 'Morgan Reyes', tenantId: shop.tenant._id },
      subject: { id: subject },
      ip: expect.stringMatching(/127\.0\.0\.1|::1/),
      before,
      after,
    });
    expect(Math.abs(Date.parse(entry?.at ?? '') - began)).toBeLessThan(60_000);
  });

  it('[ADM-7, ADM-9] names a partner, and of which tenant; [CAN-3] and the admin on whose behalf support acts', async () => {
    const source = await selfService();
    const there = { 'commissary-tenant': shop.tenant.domains[0] ?? '' };
    const path = `${SUBSCRIPTIONS}/${source._id}/cancel`;
    const cancelled = await post<OperationView>(shop, partner, path, { reason: 'other' }, there);
    expect(cancelled.status).toBe(202);
    const [byPartner] = await trailOf(`actor=${partner._id}`);
    expect(byPartner).toMatchObject({
      actor: { userId: partner._id, displayName: 'Pat Partner', tenantId: partner.tenantId },
      subject: { id: cancelled.body.id },
    });
    const platform = await shop.gateway.tenant({ type: 'platform' });
    const support = await shop.gateway.user(platform, { roles: ['support'] });
    const other = await selfService();
    const asked = { reason: 'other', requestedBy: shop.admin._id };
    const helped = await post<OperationView>(
      shop,
      support,
      `${SUBSCRIPTIONS}/${other._id}/cancel`,
      asked,
      there,
    );
    expect([helped.status, helped.body]).toEqual([202, helped.body]);
    const [bySupport] = await trailOf(`actor=${support._id}`);
    expect(bySupport).toMatchObject({
      actor: { tenantId: platform._id },
      after: { request: { by: 'support', onBehalfOf: shop.admin._id } },
    });
  });

  it('[ADM-9] holds nothing of what was refused, and cannot be written to', async () => {
    const { audit } = collectionsOf(shop.gateway.database);
    const source = await selfService();
    const before = await audit.countDocuments({});
    const asks = [
      post(shop, shop.reader, `${SUBSCRIPTIONS}/${source._id}/cancel`, { reason: 'other' }),
      post(shop, shop.admin, `${SUBSCRIPTIONS}/${source._id}/cancel`, { reason: 'because' }),
      post(shop, shop.admin, `${SUBSCRIPTIONS}/${source._id}/move`, { targetSubscriptionId: source._id }),
      post(shop, shop.admin, `${SUBSCRIPTIONS}/${newId('sub')}/cancel`, { reason: 'other' }),
      shop.gateway.as(shop.reader, 'PUT', `${POLICY}/products/${POWER_BI_PRO}`, {
        body: { policyValue: 'Disabled' },
      }),
      ...['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => send(method, '/v1/audit')),
    ];
    const replies = await Promise.all(asks);
    expect(replies.filter(({ status }) => status < 400)).toEqual([]);
    expect(await audit.countDocuments({})).toBe(before);
  });
});
