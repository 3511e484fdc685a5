import { notFound } from '@commissary/domain';
import type { Database, Session } from '../database.js';
import type { QuoteDocument } from '../collections/index.js';
import { insertAll } from '../insert-all.js';

/** Quotes are bound to the user they were given to. [BUY-2] */
export class QuotesRepository {
  constructor(private readonly database: Database) {}

  private get quotes() {
    return this.database.models.quotes;
  }

  async insert(session: Session, quote: QuoteDocument): Promise<void> {
    await insertAll(this.quotes, [quote], session);
  }

  /** Throws `not_found` for unknown quotes and other users' alike. */
  async get(tenantId: string, userId: string, quoteId: string, session?: Session): Promise<QuoteDocument> {
    const quote = await this.quotes.findOne({ _id: quoteId, tenantId, userId }, null, { session }).lean();
    if (!quote) throw notFound();
    return quote;
  }

  /** Gives the quote to one purchase for as long as that does not fail; null if it is used, expired or not the user's. */
  async claim(
    session: Session,
    quote: Pick<QuoteDocument, '_id' | 'tenantId' | 'userId'>,
    operationId: string,
    now: Date,
  ): Promise<QuoteDocument | null> {
    const { _id, tenantId, userId } = quote;
    return this.quotes
      .findOneAndUpdate(
        { _id, tenantId, userId, operationId: null, expiresAt: { $gt: now } },
        { $set: { operationId } },
        { session, returnDocument: 'after' },
      )
      .lean();
  }
}
