import { Injectable } from '@nestjs/common';
import type { MoveBody, MovePreviewView, OperationView } from '@commissary/contracts';
import { type Money, money } from '@commissary/domain';
import { newId } from '@commissary/platform';
import {
  checkMove,
  previewOf,
  refundsForAll,
  requireMovable,
  type SubscriptionFacts,
} from '@commissary/policies';
import {
  DatabaseClock,
  LicensesRepository,
  type OperationDocument,
  OperationsRepository,
  OrdersRepository,
  type Session,
  type SubscriptionDocument,
  SubscriptionsRepository,
} from '@commissary/store';
import type { Answer } from '../http/answer.js';
import type { RequestContext } from '../http/request-context.js';
import type { IdempotentRequest } from '../idempotency/idempotent-request.js';
import { AcceptService } from '../operations/accept.service.js';
import { requestOrigin } from '../operations/request-origin.js';

interface Sides {
  source: SubscriptionDocument;
  target: SubscriptionDocument;
}

/** Taking a self-service subscription over by moving its users. [MOV-1..7] */
@Injectable()
export class MovesService {
  constructor(
    private readonly subscriptions: SubscriptionsRepository,
    private readonly licenses: LicensesRepository,
    private readonly orders: OrdersRepository,
    private readonly accepts: AcceptService,
    private readonly clock: DatabaseClock,
  ) {}

  /** The dry run: throws what the move would, but for `seats_short`, which it answers as `shortfall`. [MOV-7] */
  async preview(ctx: RequestContext, sourceId: string, body: MoveBody): Promise<MovePreviewView> {
    const sides = await this.sides(ctx, sourceId, body);
    requireMovable(factsOf(sides));
    const { source, target } = sides;
    const [{ holders, unusable }, refund] = await Promise.all([
      this.holders(ctx, sides),
      this.refund(ctx, source),
    ]);
    return previewOf({
      total: source.seats.assigned,
      alreadyLicensed: holders - unusable,
      // A user deleted before now has no license any more; who is deleted meanwhile the move will find.
      skipped: [{ reason: 'license_not_usable', count: unusable }],
      targetSeats: target.seats,
      sourcePrice: source,
      targetPrice: target,
      refund,
    });
  }

  /**
   * Accepts a move: lock on the source, seats reserved on the target. [MOV-2, MOV-3, MOV-6]
   * Throws `not_found`, `invalid_request`, `operation_in_progress`, `illegal_state` and `seats_short`.
   */
  accept(
    ctx: RequestContext,
    keyed: IdempotentRequest,
    sourceId: string,
    body: MoveBody,
  ): Promise<Answer<OperationView>> {
    return this.accepts.accept(
      ctx,
      keyed,
      body,
      (session, now, holders: number) => this.build(ctx, session, now, { sourceId, body, holders }),
      () => this.countEarly(ctx, sourceId, body),
    );
  }

  /** Outside the transaction, for counting a million users takes seconds. */
  private async countEarly(ctx: RequestContext, sourceId: string, body: MoveBody): Promise<number> {
    const sides = await this.sides(ctx, sourceId, body);
    requireMovable(factsOf(sides));
    return (await this.holders(ctx, sides)).holders;
  }

  private async build(
    ctx: RequestContext,
    session: Session,
    now: Date,
    asked: { sourceId: string; body: MoveBody; holders: number },
  ): Promise<OperationDocument> {
    const { tenantId } = ctx;
    const sides = await this.sides(ctx, asked.sourceId, asked.body, session);
    const { source, target } = sides;
    const needed = Math.max(0, source.seats.assigned - asked.holders);
    checkMove(factsOf(sides), needed);
    const operationId = newId('op');
    await this.subscriptions.lock(session, tenantId, source._id, operationId);
    await this.subscriptions.reserve(session, tenantId, target._id, operationId, needed);
    return OperationsRepository.newDocument(
      {
        id: operationId,
        tenantId,
        type: 'move',
        subscriptionId: source._id,
        request: { targetSubscriptionId: target._id },
        ...requestOrigin(ctx),
        total: source.seats.assigned,
      },
      now,
    );
  }

  /** Both of the tenant; throws `not_found`. One after the other, for a transaction runs one command at a time. */
  private async sides(
    ctx: RequestContext,
    sourceId: string,
    body: MoveBody,
    session?: Session,
  ): Promise<Sides> {
    const source = await this.subscriptions.get(ctx.tenantId, sourceId, session);
    const target = await this.subscriptions.get(ctx.tenantId, body.targetSubscriptionId, session);
    return { source, target };
  }

  /** Users of the source who need no seat of the target. Of one product nobody holds two licenses. */
  private async holders(
    ctx: RequestContext,
    { source, target }: Sides,
  ): Promise<{ holders: number; unusable: number }> {
    if (source.productId === target.productId) return { holders: 0, unusable: 0 };
    return this.licenses.countHoldersAmong(ctx.tenantId, source, target.productId);
  }

  /** What the purchaser would be given back now, over all charges of the term; null if there were none. [OWN-5, CAN-2] */
  private async refund(ctx: RequestContext, source: SubscriptionDocument): Promise<Money | null> {
    const now = this.clock.now();
    const charges = await this.orders.chargesOfTerm(ctx.tenantId, source._id, now);
    const first = charges[0];
    if (!first) return null;
    const refunds = refundsForAll(charges, source.termStartedAt, now);
    return money(
      refunds.reduce((sum, { amount }) => sum + amount.amountMinor, 0),
      first.paid.currency,
    );
  }
}

const factsOf = ({ source, target }: Sides) => ({ source: sideOf(source), target: sideOf(target) });

const sideOf = ({ _id, origin, status, operationId, seats }: SubscriptionDocument): SubscriptionFacts => ({
  id: _id,
  origin,
  status,
  operationId,
  seats,
});
