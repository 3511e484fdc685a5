import { isEnded } from '@commissary/domain';
import type { OperationDocument, PaymentDocument } from '@commissary/store';
import type { Invariant } from '../invariant.js';
import { inBatches } from '../reading/streams.js';

type Unknown = Pick<PaymentDocument, '_id' | 'operationId' | 'nextCheckAt' | 'createdAt'>;

/** A provider is asked for 24 h, then the operation is parked and a person is told; the hour is for the last wait. */
const LIMIT_MS = 25 * 3_600_000;

export const unknownPaymentsAreChecked: Invariant = {
  number: 5,
  title: 'every unknown payment has a next check and is younger than the limit',
  async *check({ snapshot, now }) {
    const unknown = snapshot.find('payments', {
      fields: ['operationId', 'nextCheckAt', 'createdAt'],
      where: { status: 'unknown' },
    });
    for await (const batch of inBatches(unknown)) {
      const ids = batch.map((payment) => payment.operationId);
      const operations = await snapshot.byIds('operations', ids, ['status']);
      for (const payment of batch) {
        const detail = faultOf(payment, operations.get(payment.operationId), now);
        if (detail) yield { invariant: 5, subject: payment._id, detail };
      }
    }
  },
};

const faultOf = (
  { operationId, nextCheckAt, createdAt }: Unknown,
  operation: Pick<OperationDocument, 'status'> | undefined,
  now: Date,
): string | null => {
  if (!operation || isEnded(operation.status)) return `is unknown, and ${operationId} will not ask again`;
  if (nextCheckAt === null) return 'is unknown and has no next check';
  const hours = Math.floor((now.getTime() - createdAt.getTime()) / 3_600_000);
  if (hours * 3_600_000 >= LIMIT_MS && operation.status !== 'parked') return `is unknown for ${hours} hours`;
  return null;
};
