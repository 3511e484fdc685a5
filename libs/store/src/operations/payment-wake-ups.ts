import { CLAIMABLE_STATUSES } from '@commissary/domain';
import type { Database } from '../database.js';
import type { DueOperation } from './operation-runs.js';
import { acrossTenants } from '../schema/tenancy.js';

/** Operations that wait for a payment provider to answer again, called before their time when it has news. [EXT-6, BUY-6] */
export class PaymentWakeUps {
  constructor(private readonly database: Database) {}

  /**
   * Makes due what backs off for the charge of this key, or for a refund of it: operations that a provider has failed, that no live
   * lease holds and whose time has not come. All others stay as they are, so that the same news again changes nothing, and no
   * bug of ours is started more often for it. The key alone says whose it is: it is unique, and ours.
   */
  async wake(idempotencyKey: string): Promise<DueOperation[]> {
    const { payments, operations } = this.database.models;
    const payment = await payments
      .findOne({ idempotencyKey }, null, acrossTenants("provider's news: its key names the payment"))
      .lean();
    if (!payment) return [];
    const open = payment.status === 'pending' || payment.status === 'unknown' ? [payment.operationId] : [];
    const refunding = payment.refunds
      .filter(({ status }) => status === 'pending')
      .map(({ operationId }) => operationId);
    const woken = await Promise.all(
      [...new Set([...open, ...refunding])].map((_id) =>
        operations
          .findOneAndUpdate(
            {
              _id,
              tenantId: payment.tenantId,
              status: { $in: [...CLAIMABLE_STATUSES] },
              providerFailingSince: { $ne: null },
              $expr: { $and: [{ $gt: ['$nextRunAt', '$$NOW'] }, LEASE_IS_FREE] },
            },
            [{ $set: { nextRunAt: '$$NOW' } }],
            {
              updatePipeline: true,
              returnDocument: 'after',
              projection: { _id: 1, tenantId: 1, type: 1, fence: 1 },
            },
          )
          .lean(),
      ),
    );
    return woken.filter((operation) => operation !== null);
  }
}

const LEASE_IS_FREE = { $lte: [{ $ifNull: ['$lease.until', new Date(0)] }, '$$NOW'] };
