import { Injectable } from '@nestjs/common';
import type { CatalogItemView, ListView, PageQuery } from '@commissary/contracts';
import { BuyerFactsReader, CatalogRepository, DatabaseClock, LicensesRepository } from '@commissary/store';
import type { RequestContext } from '../http/request-context.js';
import { pageOfWhole } from '../http/whole-list.js';
import { catalogItem } from './catalog.view.js';

@Injectable()
export class CatalogService {
  constructor(
    private readonly licenses: LicensesRepository,
    private readonly catalog: CatalogRepository,
    private readonly buyers: BuyerFactsReader,
    private readonly clock: DatabaseClock,
  ) {}

  /** Every product with what the caller may have of it: one pass, a constant number of queries. [ELG-1..6] */
  async forCaller(ctx: RequestContext, query: PageQuery): Promise<ListView<CatalogItemView>> {
    const [{ products }, factsOf, held] = await Promise.all([
      this.catalog.current(),
      this.buyers.about(ctx.tenant, ctx.user),
      this.licenses.productsHeldBy(ctx.tenantId, ctx.user._id),
    ]);
    const now = this.clock.now();
    const { items, nextCursor } = pageOfWhole(products, query, (product) => product.productId);
    const views = items.map((product) =>
      catalogItem(product, factsOf(product.productId), held.has(product.productId), now),
    );
    return { items: views, nextCursor };
  }
}
