import { Body, Controller, Get, Param, Patch, Post, Put, Query } from '@nestjs/common';
import {
  idText,
  type ListView,
  type NewSubscriptionBody,
  newSubscriptionSchema,
  operationSchema,
  type OperationView,
  orderListQuery,
  type OrderListQuery,
  orderListSchema,
  type OrderView,
  type SeatChangeBody,
  seatChangeSchema,
  type SubscriptionChangeBody,
  subscriptionChangeSchema,
  subscriptionListQuery,
  type SubscriptionListQuery,
  subscriptionListSchema,
  subscriptionSchema,
  type SubscriptionView,
} from '@commissary/contracts';
import { Requires } from '../auth/access.decorators.js';
import type { Answer } from '../http/answer.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { type IdempotentRequest, Keyed } from '../idempotency/idempotent-request.js';
import { Answers } from '../openapi/answers.js';
import { CentralPurchasesService } from './central-purchases.service.js';
import { SeatChangesService } from './seat-changes.service.js';
import { SubscriptionChangesService } from './subscription-changes.service.js';
import { SubscriptionReader } from './subscription-reader.service.js';

@Controller('v1/subscriptions')
export class SubscriptionsController {
  constructor(
    private readonly reader: SubscriptionReader,
    private readonly centralPurchases: CentralPurchasesService,
    private readonly seatChanges: SeatChangesService,
    private readonly changes: SubscriptionChangesService,
  ) {}

  /** The tenant's subscriptions for its admins and readers, one's own for everybody else. */
  @Get()
  @Requires('subscriptions.readOwn', 'subscriptions.readAll')
  @Answers(200, subscriptionListSchema)
  list(
    @Caller() ctx: RequestContext,
    @Query({ schema: subscriptionListQuery }) query: SubscriptionListQuery,
  ): Promise<ListView<SubscriptionView>> {
    return this.reader.list(ctx, query);
  }

  @Get(':id')
  @Requires('subscriptions.readOwn', 'subscriptions.readAll')
  @Answers(200, subscriptionSchema, 404)
  one(@Caller() ctx: RequestContext, @Param('id', { schema: idText }) id: string): Promise<SubscriptionView> {
    return this.reader.one(ctx, id);
  }

  /** Its order history. */
  @Get(':id/orders')
  @Requires('subscriptions.readOwn', 'subscriptions.readAll')
  @Answers(200, orderListSchema, 404)
  orders(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
    @Query({ schema: orderListQuery }) query: OrderListQuery,
  ): Promise<ListView<OrderView>> {
    return this.reader.orderHistory(ctx, id, query);
  }

  /** Records a central purchase at the contract price. */
  @Post()
  @Requires('central.create')
  @Idempotent()
  @Answers(201, subscriptionSchema, 413, 415, 422)
  create(
    @Caller() ctx: RequestContext,
    @Keyed() keyed: IdempotentRequest,
    @Body({ schema: newSubscriptionSchema }) body: NewSubscriptionBody,
  ): Promise<Answer<SubscriptionView>> {
    return this.centralPurchases.create(ctx, keyed, body);
  }

  /** More seats or fewer: the purchaser's by card, a central subscription's by its contract. */
  @Put(':id/seats')
  @Requires('purchase.create', 'central.create')
  @Idempotent()
  @Answers(202, operationSchema, 404, 409, 413, 415, 422)
  changeSeats(
    @Caller() ctx: RequestContext,
    @Keyed() keyed: IdempotentRequest,
    @Param('id', { schema: idText }) id: string,
    @Body({ schema: seatChangeSchema }) body: SeatChangeBody,
  ): Promise<Answer<OperationView>> {
    return this.seatChanges.accept(ctx, keyed, id, body);
  }

  /** Its purchaser's: the card that pays for it, and whether it renews. */
  @Patch(':id')
  @Requires('subscriptions.cancelOwn', 'takeover')
  @Answers(200, subscriptionSchema, 404, 409, 413, 415)
  change(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
    @Body({ schema: subscriptionChangeSchema }) body: SubscriptionChangeBody,
  ): Promise<SubscriptionView> {
    return this.changes.change(ctx, id, body);
  }
}
