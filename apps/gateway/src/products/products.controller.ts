import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  idText,
  licenseListQuery,
  type LicenseListQuery,
  licenseListSchema,
  type LicenseView,
  type ListView,
  productPurchaserListSchema,
  type ProductPurchaserView,
  productSeatsListSchema,
  productSeatsQuery,
  type ProductSeatsQuery,
  type ProductSeatsView,
} from '@commissary/contracts';
import { Requires } from '../auth/access.decorators.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Answers } from '../openapi/answers.js';
import { ProductsService } from './products.service.js';

@Controller('v1/products')
export class ProductsController {
  constructor(private readonly products: ProductsService) {}

  /** Each product once, in the order of ids, with its seats over all living subscriptions. */
  @Get()
  @Requires('subscriptions.readAll')
  @Answers(200, productSeatsListSchema)
  list(
    @Caller() ctx: RequestContext,
    @Query({ schema: productSeatsQuery }) query: ProductSeatsQuery,
  ): Promise<ListView<ProductSeatsView>> {
    return this.products.list(ctx, query);
  }

  /** Who bought it, with seats and users, in the order of user ids; what is central comes first. */
  @Get(':id/purchasers')
  @Requires('subscriptions.readAll')
  @Answers(200, productPurchaserListSchema, 404)
  purchasers(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
    @Query({ schema: productSeatsQuery }) query: ProductSeatsQuery,
  ): Promise<ListView<ProductPurchaserView>> {
    return this.products.purchasers(ctx, id, query);
  }

  /** Users licensed by what one purchaser has of it (`central`: by central subscriptions), in the order of user ids. */
  @Get(':id/purchasers/:purchaserId/users')
  @Requires('subscriptions.readAll')
  @Answers(200, licenseListSchema, 404)
  users(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
    @Param('purchaserId', { schema: idText }) purchaserId: string,
    @Query({ schema: licenseListQuery }) query: LicenseListQuery,
  ): Promise<ListView<LicenseView>> {
    return this.products.users(ctx, id, purchaserId, query);
  }
}
