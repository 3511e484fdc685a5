import { Injectable } from '@nestjs/common';
import { notFound, type PolicyValue, type Product } from '@commissary/domain';
import {
  CatalogRepository,
  Database,
  DatabaseClock,
  PoliciesRepository,
  type Policy,
  type PolicyChangeDocument,
  type Session,
  tell,
} from '@commissary/store';
import { auditOf } from '../http/change-record.js';
import type { RequestContext } from '../http/request-context.js';

/** Changes of the tenant's policy. */
@Injectable()
export class PolicySettingsService {
  constructor(
    private readonly database: Database,
    private readonly catalog: CatalogRepository,
    private readonly policies: PoliciesRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /** Throws `not_found` for what is not sold. */
  async product(productId: string): Promise<Product> {
    const product = (await this.catalog.current()).productById.get(productId);
    if (!product) throw notFound();
    return product;
  }

  /**
   * Sets one product's value; the change, its history, audit entry and event are one transaction. [POL-3, POL-4, ADM-9]
   * Throws `not_found`, and `stale` if the policy is not at `expectedVersion` (null: at whichever).
   */
  async set(
    ctx: RequestContext,
    productId: string,
    value: PolicyValue,
    expectedVersion: number | null,
  ): Promise<{ product: Product; policy: Policy }> {
    const product = await this.product(productId);
    const setting = { tenantId: ctx.tenantId, productId, value, expectedVersion, changedBy: ctx.user._id };
    const policy = await this.database.transaction(async (session) => {
      const now = this.clock.now();
      const { policy, change } = await this.policies.set(session, setting, now);
      if (change) await this.tellOf(ctx, session, change, now);
      return policy;
    });
    return { product, policy };
  }

  private async tellOf(
    ctx: RequestContext,
    session: Session,
    change: PolicyChangeDocument,
    now: Date,
  ): Promise<void> {
    const { version, changes } = change;
    const valuesOf = (side: 'before' | 'after') =>
      Object.fromEntries(changes.map((changed) => [changed.productId, changed[side]]));
    const audit = auditOf(ctx, {
      action: 'policy.set',
      subject: { type: 'policy', id: ctx.tenantId },
      before: { version: version - 1, values: valuesOf('before') },
      after: { version, values: valuesOf('after') },
    });
    const event = {
      tenantId: ctx.tenantId,
      type: 'policy.changed',
      subjectId: ctx.tenantId,
      operationId: null,
      data: { version, changes },
    };
    await tell(this.database, session, now, { events: [event], audit: [audit] });
  }
}
