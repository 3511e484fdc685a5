import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ListView } from '@commissary/contracts';
import { newId } from '@commissary/platform';
import {
  type InvoiceDocument,
  type OperationDocument,
  OperationsRepository,
  type OrderDocument,
  type PaymentMethodDocument,
  type SubscriptionDocument,
  type UserDocument,
  type AuditDocument,
} from '@commissary/store';
import { aLicense, aSubscription, aUser } from '../support/documents.js';
import { ORIGIN } from '../support/fixtures/operations.js';
import { openShop, POWER_BI_PRO, type Shop } from '../support/gateway/shop.js';
import { collectionsOf, UNCHECKED } from '../support/driver.js';

/** Every list of a tenant, paged beside another tenant's rows that were made in turn with its own. [EXT-1] */

/** Rows of each list and tenant. */
const ROWS = 4;

/** A tenant that has rows in every list. */
interface Side {
  tenantId: string;
  reader: UserDocument;
  /** Those who buy and are licensed, beside the reader. */
  people: UserDocument[];
  /** Of one product, each bought by another person; the first one has all licenses and orders. */
  bought: SubscriptionDocument[];
  operations: OperationDocument[];
}

let shop: Shop;
let ours: Side;
let theirs: Side;

const collections = () => collectionsOf(shop.gateway.database);
const NOW = new Date();
/** The rows of both tenants with the same number are of the same moment. */
const moment = (row: number): Date => new Date(NOW.getTime() - 60_000 * (ROWS - row));

const aSide = async (): Promise<Side> => {
  const tenant = await shop.gateway.tenant();
  const reader = await shop.gateway.user(tenant, { roles: ['globalReader'] });
  return { tenantId: tenant._id, reader, people: [], bought: [], operations: [] };
};

const actorOf = ({ _id, displayName, tenantId }: UserDocument) => ({ userId: _id, displayName, tenantId });

const anOperation = ({ tenantId, reader }: Side): OperationDocument =>
  OperationsRepository.newDocument(
    {
      id: newId('op'),
      tenantId,
      type: 'cancellation',
      subscriptionId: null,
      request: { by: 'lifecycle', reason: null, comment: null, onBehalfOf: null },
      requestedBy: actorOf(reader),
      origin: ORIGIN,
      total: 1,
    },
    NOW,
  );

/** The row with this number in each of the tenant's lists. */
const addRow = async (side: Side, row: number): Promise<void> => {
  const { tenantId, reader } = side;
  const person = aUser(tenantId);
  await collections().users.insertOne(person);
  side.people.push(person);
  const seats = { purchased: ROWS, assigned: row === 0 ? ROWS : 0, reservations: [] };
  const subscription = aSubscription(tenantId, { seats, purchaserId: person._id });
  const productId = `product-${row}-${tenantId}`;
  const another = aSubscription(tenantId, { seats, purchaserId: person._id, productId });
  side.bought.push(subscription);
  await collections().subscriptions.insertMany([subscription, another]);
  const held = side.bought[0]!;
  await collections().licenses.insertOne(aLicense(held, person._id));
  const at = moment(row);
  await collections().orders.insertOne(
    {
      ...{ _id: newId('ord'), tenantId, subscriptionId: held._id },
      ...{ createdAt: at, settledAt: null },
    } as unknown as OrderDocument,
    UNCHECKED,
  );
  await collections().invoices.insertOne(
    {
      ...{ _id: newId('inv'), tenantId, userId: person._id, status: 'paid', lines: [] },
      ...{ issuedAt: at, paidAt: at },
    } as unknown as InvoiceDocument,
    UNCHECKED,
  );
  await collections().paymentMethods.insertOne({
    ...{ _id: newId('pm'), tenantId, userId: reader._id, brand: 'visa', last4: '4242' },
    ...{ expiresAt: at, createdAt: at, removedAt: null, providerMethodId: `card-${row}` },
  } satisfies PaymentMethodDocument);
  await collections().audit.insertOne({
    ...{ _id: newId('aud'), tenantId, actor: actorOf(reader), action: 'thing.changed', at },
    ...{ subject: { type: 'user', id: person._id }, before: null, after: null },
    ...{ ...ORIGIN, operationId: null },
  } as unknown as AuditDocument);
  await collections().policyChanges.insertOne({
    ...{ _id: newId('pol'), tenantId, version: row + 1, changes: [], changedBy: reader._id, at },
  });
  const operation = anOperation(side);
  side.operations.push(operation);
  await collections().operations.insertOne(operation);
  const [{ _id: operationId }] = side.operations as [OperationDocument];
  await collections().operationResults.insertOne({
    ...{ _id: `${operationId}:${row}`, tenantId, operationId, seq: row, at },
    groups: [{ outcome: 'accessRemoved', reason: null, userIds: [person._id] }],
  });
};

beforeAll(async () => {
  shop = await openShop();
  [ours, theirs] = [await aSide(), await aSide()];
  for (let row = 0; row < ROWS; row += 1) for (const side of [theirs, ours]) await addRow(side, row);
});

afterAll(() => shop.gateway.close());

/** Each list and how many rows each tenant has in it; a path may name what is the tenant's own. */
const LISTS: [string, (side: Side) => string, number][] = [
  ['subscriptions', () => '/v1/subscriptions', 2 * ROWS],
  ['subscriptions by a filter', () => '/v1/subscriptions?origin=selfService&status=active', 2 * ROWS],
  ['subscriptions by a text', () => '/v1/subscriptions?q=power', 2 * ROWS],
  ['licenses', ({ bought }) => `/v1/subscriptions/${bought[0]!._id}/licenses`, ROWS],
  ['orders', ({ bought }) => `/v1/subscriptions/${bought[0]!._id}/orders`, ROWS],
  ['users', () => '/v1/users', ROWS + 1],
  ['users by a text', () => '/v1/users?q=alex', ROWS + 1],
  ['products', () => '/v1/products', ROWS + 1],
  ['purchasers of a product', () => `/v1/products/${POWER_BI_PRO}/purchasers`, ROWS],
  [
    'users of a purchaser',
    ({ people }) => `/v1/products/${POWER_BI_PRO}/purchasers/${people[0]!._id}/users`,
    ROWS,
  ],
  ['capacity', () => '/v1/capacity', 2 * ROWS],
  ['invoices', () => '/v1/invoices', ROWS],
  ['payment methods', () => '/v1/payment-methods', ROWS],
  ['the audit trail', () => '/v1/audit', ROWS],
  ['the audit trail by an action', () => '/v1/audit?action=thing.changed', ROWS],
  ['policy versions', () => '/v1/policies/AllowSelfServicePurchase/history', ROWS],
  ['operations', () => '/v1/operations', ROWS],
  ['operations by a filter', () => '/v1/operations?type=cancellation&status=accepted', ROWS],
  ['results of an operation', ({ operations }) => `/v1/operations/${operations[0]!._id}/results`, ROWS],
];

const pageOf = async (
  side: Side,
  path: string,
  limit: number,
  cursor: string | null,
): Promise<ListView<object>> => {
  const query = `limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`;
  const url = `${path}${path.includes('?') ? '&' : '?'}${query}`;
  const { status, body } = await shop.gateway.as<ListView<object>>(side.reader, 'GET', url);
  expect([url, status]).toEqual([url, 200]);
  return body;
};

/** The list read one row at a time: its items, and the cursors that were given on the way. */
const walk = async (side: Side, path: string): Promise<{ items: object[]; cursors: string[] }> => {
  const items: object[] = [];
  const cursors: string[] = [];
  for (let cursor: string | null = null; ;) {
    const page = await pageOf(side, path, 1, cursor);
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null) return { items, cursors };
    cursors.push(cursor);
  }
};

/** Ids that must never be seen by the other tenant. */
const idsOf = ({ tenantId, reader, people, bought, operations }: Side): string[] => [
  tenantId,
  ...[reader, ...people, ...bought, ...operations].map(({ _id }) => _id),
];

describe('a list of one tenant beside the rows of another [EXT-1]', () => {
  it.each(LISTS)(
    '%s: each page shows rows of the own tenant alone, and all of them',
    async (_, path, rows) => {
      for (const [side, other] of [
        [ours, theirs],
        [theirs, ours],
      ] as const) {
        const { items } = await pageOf(side, path(side), 200, null);
        expect(items).toHaveLength(rows);
        const text = JSON.stringify(items);
        expect(idsOf(other).filter((id) => text.includes(id))).toEqual([]);
        expect((await walk(side, path(side))).items).toEqual(items);
      }
    },
  );

  it.each(LISTS)(
    '%s: a cursor that another tenant was given shows rows of the own tenant alone',
    async (_, path) => {
      const { items: own } = await pageOf(ours, path(ours), 200, null);
      const known = new Set(own.map((item) => JSON.stringify(item)));
      const { cursors } = await walk(theirs, path(theirs));
      expect(cursors.length).toBeGreaterThan(1);
      for (const cursor of cursors) {
        for (const limit of [1, 200]) {
          const { items } = await pageOf(ours, path(ours), limit, cursor);
          expect(items.filter((item) => !known.has(JSON.stringify(item)))).toEqual([]);
        }
      }
    },
  );
});
