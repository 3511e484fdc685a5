import type { Database, Session } from '../database.js';
import { ChunkChangedError, type LicensesOf } from '../takeover/license-chunks.js';

const BY_SUBSCRIPTION = { tenantId: 1, subscriptionId: 1, userId: 1 } as const;

/** Licenses that a cancellation takes away. [CAN-2] */
export class SweptLicenses {
  constructor(private readonly database: Database) {}

  /**
   * Removes those of living users, all that the subscription has from the first of them to the last: nobody gets a license of a
   * subscription that an operation holds, so that as many there are the same ones. Throws `ChunkChangedError` if there is
   * another number, for a user was deleted since they were read.
   */
  async removeLiving(session: Session, from: LicensesOf, userIds: readonly string[]): Promise<void> {
    const [first, last] = [userIds[0], userIds.at(-1)];
    if (first === undefined || last === undefined) return;
    const { deletedCount } = await this.database.collections.licenses.deleteMany(
      { ...from, userId: { $gte: first, $lte: last }, userDeletedAt: { $exists: false } },
      { session, hint: BY_SUBSCRIPTION },
    );
    if (deletedCount !== userIds.length) throw new ChunkChangedError('licenses changed under the sweep');
  }
}
