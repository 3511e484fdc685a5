import { chargeEntries, invoiceEntries } from '@commissary/domain';
import type { Database, Session } from '../database.js';
import type {
  LicenseDocument,
  OrderDocument,
  PaymentDocument,
  SubscriptionDocument,
} from '../collections/index.js';
import { eachOwn } from '../each-own.js';
import { insertAll } from '../insert-all.js';
import { invoiceOf, ledgerRow } from './money-rows.js';
import { acrossTenants } from '../schema/tenancy.js';

/** An order, with the period it is for, and what paid it. */
export interface PaidOrder {
  order: OrderDocument;
  paymentId: string;
  chargeId: string;
  /** Of the bill to be written. */
  invoiceId: string;
}

const GROUP = acrossTenants('worker: purchases that share a transaction');

/** What several purchases write in one transaction, by the collection: as many round trips for thirty as for one. No two are of one user. */
export class PurchaseGroups {
  constructor(private readonly database: Database) {}

  private get models() {
    return this.database.models;
  }

  /** Orders and payments are on record before the provider hears of them. */
  async insertOrders(
    session: Session,
    begun: readonly { order: OrderDocument; payment: PaymentDocument }[],
  ): Promise<void> {
    const { orders, payments } = this.models;
    await insertAll(
      orders,
      begun.map(({ order }) => order),
      session,
    );
    await insertAll(
      payments,
      begun.map(({ payment }) => payment),
      session,
    );
  }

  /**
   * One license per user and product; who has left meanwhile gets none. The write to the user makes this and the deletion
   * of the user conflict, so that one of them sees the other. Returns the ids of those that were taken. [BUY-4, BUY-10]
   */
  async takeLicenses(
    session: Session,
    licenses: readonly LicenseDocument[],
    now: Date,
  ): Promise<ReadonlySet<string>> {
    const present = await this.lockUsers(session, licenses, now);
    const wanted = licenses.filter((license) => present.has(license.userId));
    if (wanted.length === 0) return new Set();
    const { upsertedIds } = await this.models.licenses.bulkWrite(
      wanted.map(({ tenantId, userId, productId, ...rest }) => ({
        updateOne: {
          filter: { tenantId, userId, productId },
          update: { $setOnInsert: rest },
          upsert: true,
        },
      })),
      { session },
    );
    return new Set(Object.values(upsertedIds));
  }

  /** The ids of those who are there. */
  private async lockUsers(
    session: Session,
    licenses: readonly LicenseDocument[],
    now: Date,
  ): Promise<ReadonlySet<string>> {
    const userIds = licenses.map((license) => license.userId);
    const there = {
      _id: { $in: userIds },
      tenantId: { $in: tenantsOf(licenses) },
      state: { $ne: 'deleted' as const },
    };
    const { users } = this.models;
    const { matchedCount } = await users.updateMany(
      there,
      { $set: { licensedAt: now } },
      { session, ...GROUP },
    );
    if (matchedCount === userIds.length) return new Set(userIds);
    const rows = await users.find(there, { _id: 1 }, { session, ...GROUP }).lean();
    return new Set(rows.map((row) => row._id));
  }

  /** Their buyers hold the product already, or have left. */
  async withoutLicense(session: Session, operationIds: readonly string[]): Promise<void> {
    if (operationIds.length === 0) return;
    await this.models.operations.updateMany(
      { _id: { $in: [...operationIds] }, type: 'purchase' },
      { $set: { 'result.licenseId': null } },
      { session, ...GROUP },
    );
  }

  /** Orders that cost nothing. */
  async insertFreeOrders(session: Session, orders: readonly OrderDocument[], now: Date): Promise<void> {
    const rows = orders.map((order) => ({ ...order, status: 'free' as const, settledAt: now }));
    await insertAll(this.models.orders, rows, session);
  }

  /** The charges are known to have succeeded: payments, orders, invoices and ledger together. */
  async settle(session: Session, paid: readonly PaidOrder[], now: Date): Promise<void> {
    if (paid.length === 0) return;
    const { invoices, ledger, orders, payments } = this.models;
    const tenantId = { $in: tenantsOf(paid.map(({ order }) => order)) };
    const paymentIds = paid.map(({ paymentId }) => paymentId);
    const chargeIds = paid.map(({ chargeId }) => chargeId);
    await payments.updateMany(
      { _id: { $in: paymentIds }, tenantId, status: { $in: ['pending', 'unknown'] } },
      [
        {
          $set: {
            status: 'succeeded',
            chargeId: eachOwn(paymentIds, chargeIds),
            nextCheckAt: null,
            settledAt: now,
          },
        },
      ],
      { updatePipeline: true, session, ...GROUP },
    );
    const orderIds = paid.map(({ order }) => order._id);
    const periods = paid.map(({ order }) => order.period);
    await orders.updateMany(
      { _id: { $in: orderIds }, tenantId, status: 'pending' },
      [{ $set: { status: 'paid', period: eachOwn(orderIds, periods), settledAt: now } }],
      { updatePipeline: true, session, ...GROUP },
    );
    await insertAll(
      invoices,
      paid.map(({ order, invoiceId }) => invoiceOf(order, invoiceId, 'paid', now)),
      session,
    );
    const rows = paid.flatMap(({ order }) => [
      ledgerRow(order, 'invoice', invoiceEntries(order.total), now),
      ledgerRow(order, 'charge', chargeEntries(order.total), now),
    ]);
    await insertAll(ledger, rows, session);
  }

  async insertSubscriptions(session: Session, subscriptions: SubscriptionDocument[]): Promise<void> {
    await insertAll(this.models.subscriptions, subscriptions, session);
  }
}

const tenantsOf = (rows: readonly { tenantId: string }[]): string[] => [
  ...new Set(rows.map((row) => row.tenantId)),
];
