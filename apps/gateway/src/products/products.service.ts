import { Injectable } from '@nestjs/common';
import type {
  LicenseListQuery,
  LicenseView,
  ListView,
  ProductPurchaserView,
  ProductSeatsQuery,
  ProductSeatsView,
} from '@commissary/contracts';
import { notFound } from '@commissary/domain';
import { CatalogRepository, ProductViewsRepository, UserSummariesRepository } from '@commissary/store';
import { pageOf, toList } from '../http/paging.js';
import type { RequestContext } from '../http/request-context.js';
import { licenseView } from '../licenses/license.view.js';
import { productPurchaserView, productSeatsView, purchaserName, purchaserOfName } from './product.view.js';

/** Licenses by product, the self-service filter, and within a product by purchaser. [ADM-2] */
@Injectable()
export class ProductsService {
  constructor(
    private readonly people: UserSummariesRepository,
    private readonly views: ProductViewsRepository,
    private readonly catalog: CatalogRepository,
  ) {}

  async list(ctx: RequestContext, query: ProductSeatsQuery): Promise<ListView<ProductSeatsView>> {
    const [rows, { productById }] = await Promise.all([
      this.views.products(ctx.tenantId, query.origin, pageOf(query)),
      this.catalog.current(),
    ]);
    return toList(rows, query, (row) => productSeatsView(row, productById.get(row._id)?.productName));
  }

  /** Throws `not_found` for a product that nobody sells and nobody here has. */
  async purchasers(
    ctx: RequestContext,
    productId: string,
    query: ProductSeatsQuery,
  ): Promise<ListView<ProductPurchaserView>> {
    const { limit, after } = pageOf(query);
    const groups = await this.views.purchasers(ctx.tenantId, productId, query.origin, {
      limit,
      ...(after !== undefined && { after: purchaserOfName(after) }),
    });
    if (groups.length === 0 && after === undefined) await this.requireSold(productId);
    const people = await this.people.byIds(
      ctx.tenantId,
      groups.map((group) => group.purchaserId),
    );
    const rows = groups.map((group) => ({ _id: purchaserName(group.purchaserId), group }));
    return toList(rows, query, ({ group }) => productPurchaserView(group, people.get(group.purchaserId)));
  }

  /** Throws `not_found` for a purchaser who has nothing of it. */
  async users(
    ctx: RequestContext,
    productId: string,
    purchaser: string,
    query: LicenseListQuery,
  ): Promise<ListView<LicenseView>> {
    const { limit, after } = pageOf(query);
    const page = { limit, ...(after !== undefined && { afterUserId: after }) };
    const rows = await this.views.usersOf(ctx.tenantId, productId, purchaserOfName(purchaser), page);
    const holders = await this.people.byIds(
      ctx.tenantId,
      rows.map(({ license }) => license.userId),
    );
    return toList(
      rows.map((row) => ({ _id: row.license.userId, ...row })),
      query,
      ({ license, subscription }) =>
        licenseView({ userId: license.userId, license }, subscription, holders.get(license.userId)),
    );
  }

  private async requireSold(productId: string): Promise<void> {
    if (!(await this.catalog.current()).productById.has(productId)) throw notFound();
  }
}
