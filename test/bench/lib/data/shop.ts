import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  addDays,
  addTerm,
  type EligibilityRules,
  money,
  type Product,
  unitPriceOf,
} from '@commissary/domain';
import { newId } from '@commissary/platform';
import { ROOT } from '@commissary/stack';
import type {
  CollectionName,
  Database,
  PaymentMethodDocument,
  QuoteDocument,
  TenantDocument,
  UserDocument,
} from '@commissary/store';
import { aTenant, aUser } from '../../../support/documents.js';
import { insertAll } from './fresh.js';

const PRODUCT_ID = 'CFQ7TTC0H9MP';
const QUANTITY = 5;
const TERM = 'P1M';

/** A tenant with one admin and buyers who have a card each, and the real catalog. */
export interface Shop {
  tenant: TenantDocument;
  admin: UserDocument;
  buyers: UserDocument[];
  cards: PaymentMethodDocument[];
}

const data = (name: string): unknown =>
  JSON.parse(readFileSync(path.join(ROOT, 'data', `${name}.json`), 'utf8'));

const products = data('products') as Product[];
const found = products.find((each) => each.productId === PRODUCT_ID);
if (!found) throw new Error(`data/products.json has no ${PRODUCT_ID}`);
const PRODUCT = found;

const loadCatalog = async (database: Database): Promise<void> => {
  const markets = data('markets') as { code: string; name: string }[];
  const { tenantTypes } = data('eligibility') as EligibilityRules;
  const trainingUrl = 'https://learn.vendor.example';
  const rows = products.map(({ productId, ...product }) => ({ _id: productId, ...product, trainingUrl }));
  await insertAll(database, 'products', rows);
  await insertAll(
    database,
    'markets',
    markets.map(({ code, name }) => ({ _id: code, name })),
  );
  const rules = tenantTypes.map((rule) => ({ _id: `${rule.tenantType}:${rule.from}`, ...rule }));
  await insertAll(database, 'eligibilityRules', rules);
};

/** In a database that has no catalog yet. */
export const openShop = async (database: Database, buyerCount: number): Promise<Shop> => {
  await loadCatalog(database);
  return openTenant(database, buyerCount);
};

export const openTenant = async (database: Database, buyerCount: number): Promise<Shop> => {
  const tenant = aTenant();
  const admin = aUser(tenant._id, { roles: ['globalAdmin'], displayName: 'Global Admin' });
  const buyers = Array.from({ length: buyerCount }, () => aUser(tenant._id, { _id: newId('usr') }));
  const cards = buyers.map(cardOf);
  await insertAll(database, 'tenants', [tenant]);
  await insertAll(database, 'users', [admin, ...buyers]);
  return { tenant, admin, buyers, cards };
};

const cardOf = (user: UserDocument): PaymentMethodDocument => ({
  _id: newId('pm'),
  tenantId: user.tenantId,
  userId: user._id,
  brand: 'visa',
  last4: '4242',
  expiresAt: addDays(new Date(), 365),
  providerMethodId: 'card_bench',
  createdAt: new Date(),
  removedAt: null,
});

/** A quote as `POST /v1/quotes` would give it now, good for a day. */
export const quoteFor = (user: UserDocument, operationId: string | null): QuoteDocument => {
  const now = new Date();
  const unitPrice = unitPriceOf(PRODUCT, 'selfService', 'US', TERM, now);
  if (!unitPrice) throw new Error(`${PRODUCT.productName} has no price`);
  return {
    _id: newId('quo'),
    tenantId: user.tenantId,
    userId: user._id,
    productId: PRODUCT_ID,
    productName: PRODUCT.productName,
    offer: 'purchase',
    quantity: QUANTITY,
    term: TERM,
    unitPrice,
    total: money(unitPrice.amountMinor * QUANTITY, unitPrice.currency),
    renewsAt: addTerm(now, TERM),
    seatChange: null,
    createdAt: now,
    expiresAt: addDays(now, 1),
    operationId,
  };
};

/** All that an accepted or a completed purchase writes. */
export const PURCHASE_COLLECTIONS: CollectionName[] = [
  'audit',
  'events',
  'idempotency',
  'invoices',
  'ledger',
  'licenses',
  'notifications',
  'operations',
  'orders',
  'payments',
  'quotes',
  'subscriptions',
];
