import type { AuditAction } from '@commissary/domain';
import type { QueryFilter } from 'mongoose';
import type { Database } from '../database.js';
import type { AuditDocument } from '../collections/index.js';

export interface AuditFilter {
  /** User id of who did it. */
  actorId?: string;
  /** Any text: what is no action matches nothing, and one of another version of Commissary matches its entries. */
  action?: string;
  /** Inclusive. */
  from?: Date;
  /** Exclusive. */
  to?: Date;
}

/** The last entry of the page before. */
export interface AuditPlace {
  at: Date;
  id: string;
}

/** The trail as it is read; its entries are written by `recordChange` in the transactions that made the changes. [ADM-9] */
export class AuditRepository {
  constructor(private readonly database: Database) {}

  /** Newest first; what was written at the same moment by its ids. */
  async list(
    tenantId: string,
    filter: AuditFilter,
    page: { limit: number; after?: AuditPlace | undefined },
  ): Promise<AuditDocument[]> {
    const { actorId, action } = filter;
    const asked = {
      tenantId,
      ...(actorId && { 'actor.userId': actorId }),
      ...(action && { action: action as AuditAction }),
    };
    return this.database.models.audit
      .find({ $or: rangesOf(filter, page.after).map((range) => ({ ...asked, ...range })) }, null, {
        sort: { at: -1, _id: -1 },
        limit: page.limit,
        hint: actorId ? 'ofActor' : action ? 'ofAction' : 'ofTenant',
      })
      .lean();
  }
}

/** What is left behind a place: the rest of its moment, and all before. */
const rangesOf = ({ from, to }: AuditFilter, after: AuditPlace | undefined): QueryFilter<AuditDocument>[] => {
  const since = from ?? new Date(0);
  if (after === undefined) return [{ at: { $gte: since, ...(to && { $lt: to }) } }];
  const moment = after.at < since || (to && after.at >= to) ? [] : [{ at: after.at, _id: { $lt: after.id } }];
  const end = to && to < after.at ? to : after.at;
  return [...moment, { at: { $gte: since, $lt: end } }];
};
