import { DomainError, type PaymentStatus } from '@commissary/domain';
import type { Database, Session } from '../database.js';

/** In these states the provider has the money or may have it: only a run of the operation can settle that. */
const BINDING: readonly PaymentStatus[] = ['unknown', 'succeeded'];

/** Gives up payments of operations that end outside their run. */
export class PaymentAbandonment {
  constructor(private readonly database: Database) {}

  /**
   * Marks a payment that was never asked for as abandoned; one that is settled already, or does not exist, stays as it is.
   * Throws `illegal_state` once the provider has the money or may have it.
   */
  async abandon(session: Session, tenantId: string, paymentId: string, now: Date): Promise<void> {
    const { payments } = this.database.models;
    const payment = await payments.findOne({ _id: paymentId, tenantId }, null, { session }).lean();
    if (payment && (BINDING.includes(payment.status) || isAskedFor(payment))) {
      throw new DomainError(
        'illegal_state',
        'The charge was asked for: resume it, it completes or refunds.',
        { state: payment.status },
      );
    }
    await payments.updateOne(
      { _id: paymentId, tenantId, status: 'pending' },
      { $set: { status: 'abandoned', settledAt: now } },
      { session },
    );
  }
}

const isAskedFor = ({ status, attempts }: { status: PaymentStatus; attempts: number }): boolean =>
  status === 'pending' && attempts > 0;
