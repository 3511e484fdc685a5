import type { mongo } from 'mongoose';
import type { OperationStatus } from '@commissary/domain';

/** Pipeline fields of a status change: history and version go with it, unless the status stays the same. */
export const statusFields = (status: OperationStatus, more: mongo.Document = {}): mongo.Document => ({
  ...more,
  status,
  version: { $add: ['$version', 1] },
  history: {
    $cond: [
      { $eq: ['$status', status] },
      '$history',
      { $concatArrays: ['$history', [{ status, at: '$$NOW' }]] },
    ],
  },
});
