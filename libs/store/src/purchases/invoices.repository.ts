import { INVOICE_STATUSES, type InvoiceStatus, notFound } from '@commissary/domain';
import type { Database, Session } from '../database.js';
import type { InvoiceDocument } from '../collections/index.js';
import type { Page } from '../operations/operations.repository.js';

export interface InvoiceFilter {
  /** Null: everybody's in the tenant. */
  userId: string | null;
  status?: InvoiceStatus | undefined;
}

/** Bills as they were issued. [OWN-4] */
export class InvoicesRepository {
  constructor(private readonly database: Database) {}

  /** Newest first; one user's, or with null the whole tenant's. */
  async list(tenantId: string, { userId, status }: InvoiceFilter, page: Page): Promise<InvoiceDocument[]> {
    return this.database.models.invoices
      .find(
        {
          tenantId,
          ...(userId !== null && { userId }),
          // The index is in the order of ids within one status alone: each is named, and MongoDB merges them.
          status: status ?? { $in: [...INVOICE_STATUSES] },
          ...(page.after && { _id: { $lt: page.after } }),
        },
        null,
        { sort: { _id: -1 }, limit: page.limit, hint: userId === null ? 'ofTenant' : 'ofUser' },
      )
      .lean();
  }

  /** With a user id only if it is that user's. Throws `not_found` for unknown and foreign ones alike. */
  async get(
    tenantId: string,
    userId: string | null,
    invoiceId: string,
    session?: Session,
  ): Promise<InvoiceDocument> {
    const invoice = await this.database.models.invoices
      .findOne({ _id: invoiceId, tenantId, ...(userId !== null && { userId }) }, null, { session })
      .lean();
    if (!invoice) throw notFound();
    return invoice;
  }
}
