import { Injectable } from '@nestjs/common';
import type { PolicyFileBody } from '@commissary/contracts';
import { notFound, type PolicyValue, type Product } from '@commissary/domain';
import {
  type Catalog,
  CatalogRepository,
  Database,
  DatabaseClock,
  differenceOf,
  PoliciesRepository,
  type Policy,
  type PolicyDifference,
  type PolicyEdit,
  type PolicyEdited,
  type PolicyState,
  type Session,
  recordChange,
} from '@commissary/store';
import type { RequestContext } from '../http/request-context.js';
import { type PolicyItem, valuesOf } from './policy-items.js';
import { recordsOfPolicyChange } from './policy-events.js';

interface PolicyWith<Thing> {
  thing: Thing;
  policy: Policy;
}

/** What a change expects and wants. `expectedVersion` null: whatever the policy is now. */
type Wanted = Pick<PolicyEdit, 'expectedVersion' | 'to' | 'revertedTo'>;

/** Changes of the tenant's policy; all throw `stale` if it is not at the version expected. */
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

  /** Sets one product's value. [POL-3, POL-4] Throws `not_found`. */
  async set(
    ctx: RequestContext,
    productId: string,
    value: PolicyValue,
    expectedVersion: number | null,
  ): Promise<PolicyWith<Product>> {
    const thing = await this.product(productId);
    const to = withValues(new Map([[productId, value]]));
    return { thing, policy: await this.change(ctx, { expectedVersion, to }) };
  }

  /** Sets many products' values, all or none. [POL-6] Throws `invalid_request` that names the items. */
  async setMany(
    ctx: RequestContext,
    items: readonly PolicyItem[],
    expectedVersion: number | null,
  ): Promise<PolicyWith<Product[]>> {
    const catalog = await this.catalog.current();
    const values = valuesOf(items, catalog);
    const policy = await this.change(ctx, { expectedVersion, to: withValues(values) });
    return { thing: items.flatMap(({ productId }) => catalog.productById.get(productId) ?? []), policy };
  }

  /** Sets the value of all products that have none of their own. [POL-5] */
  setDefault(ctx: RequestContext, value: PolicyValue, expectedVersion: number | null): Promise<Policy> {
    return this.change(ctx, {
      expectedVersion,
      to: (policy) => ({ ...policy, defaultValue: value }),
    });
  }

  /** What applying the file would change; changes nothing. [POL-6] Throws `invalid_request`. */
  async diff(
    ctx: RequestContext,
    file: PolicyFileBody,
  ): Promise<PolicyWith<PolicyDifference | null> & { catalog: Catalog }> {
    const catalog = await this.catalog.current();
    const to = asInFile(file, catalog);
    const policy = await this.policies.of(ctx.tenantId);
    return { thing: differenceOf(policy, to(policy)), policy, catalog };
  }

  /** Makes the policy what the file says, all or nothing. [POL-6] Throws `invalid_request`. */
  async apply(
    ctx: RequestContext,
    file: PolicyFileBody,
    expectedVersion: number | null,
  ): Promise<PolicyWith<Catalog>> {
    const catalog = await this.catalog.current();
    return {
      thing: catalog,
      policy: await this.change(ctx, { expectedVersion, to: asInFile(file, catalog) }),
    };
  }

  private async change(ctx: RequestContext, wanted: Wanted): Promise<Policy> {
    const { policy } = await this.database.transaction((session) =>
      this.changeIn(session, ctx, wanted, this.clock.now()),
    );
    return policy;
  }

  /** The change, its history, audit entry and event, in one transaction. [POL-7, ADM-9] */
  async changeIn(session: Session, ctx: RequestContext, wanted: Wanted, now: Date): Promise<PolicyEdited> {
    const { _id: userId, displayName } = ctx.user;
    const edit = { tenantId: ctx.tenantId, changedBy: { userId, displayName }, ...wanted };
    const edited = await this.policies.edit(session, edit, now);
    if (edited.change)
      await recordChange(this.database, session, now, recordsOfPolicyChange(ctx, edited.change));
    return edited;
  }
}

const withValues =
  (values: ReadonlyMap<string, PolicyValue>) =>
  (policy: PolicyState): PolicyState => ({
    defaultValue: policy.defaultValue,
    values: { ...policy.values, ...Object.fromEntries(values) },
  });

/** The file is the whole policy; what is no longer sold cannot be in one, and stays as it is. */
const asInFile = ({ defaultValue, items }: PolicyFileBody, catalog: Catalog) => {
  const values = valuesOf(items, catalog);
  return (policy: PolicyState): PolicyState => {
    const notSold = Object.entries(policy.values).filter(
      ([productId]) => !catalog.productById.has(productId),
    );
    return { defaultValue, values: Object.fromEntries([...notSold, ...values]) };
  };
};
