import { Injectable } from '@nestjs/common';
import { addDays, DomainError, undoOf } from '@commissary/domain';
import {
  DirectoryChanges,
  type MoveResult,
  MoveTails,
  type OperationDocument,
  type OperationOf,
  OrdersRepository,
  PaymentAbandonment,
  type Session,
  SubscriptionsRepository,
} from '@commissary/store';

/** Frees what an open operation holds, for one that ends outside its run; all in the transaction that ends it. */
@Injectable()
export class OperationUndoing {
  constructor(
    private readonly payments: PaymentAbandonment,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly orders: OrdersRepository,
    private readonly directory: DirectoryChanges,
    private readonly tails: MoveTails,
  ) {}

  /** Returns the operation's result, where it has one. Throws `illegal_state` if something done would stay half done. */
  async release(session: Session, operation: OperationDocument, now: Date): Promise<MoveResult | null> {
    switch (operation.type) {
      case 'move':
        return this.releaseMove(session, operation);
      case 'cancellation':
        await this.releaseCancellation(session, operation);
        return null;
      case 'purchase':
        await this.releasePurchase(session, operation, now);
        return null;
      case 'seatChange':
        await this.releaseSeatChange(session, operation, now);
        return null;
      case 'renewal':
        await this.releaseRenewal(session, operation, now);
        return null;
    }
  }

  /** The reservation left on the target and the lock of the source. */
  async releaseMove(session: Session, operation: OperationOf<'move'>): Promise<MoveResult> {
    requireNothingFinal(operation);
    const { tenantId, request, progress } = operation;
    const rest = await this.tails.settle(session, operation);
    await this.subscriptions.releaseReservation(
      session,
      tenantId,
      request.targetSubscriptionId,
      operation._id,
    );
    const sourceStatus = await this.unlock(session, operation);
    const { done, failed } = progress;
    return {
      moved: done - progress.alreadyLicensed + rest.moved,
      alreadyLicensed: progress.alreadyLicensed + rest.alreadyLicensed,
      skipped: progress.skipped + rest.skipped,
      failed,
      sourceStatus,
      refunded: null,
    };
  }

  private async releaseCancellation(session: Session, operation: OperationOf<'cancellation'>): Promise<void> {
    requireNothingFinal(operation);
    await this.unlock(session, operation);
  }

  /** The quote may be used again, the order has failed; refused once the provider has, or may have, the money. */
  private async releasePurchase(
    session: Session,
    operation: OperationOf<'purchase'>,
    now: Date,
  ): Promise<void> {
    const { tenantId, request } = operation;
    await this.payments.abandon(session, tenantId, request.paymentId, now);
    await this.orders.failOrder(session, tenantId, request.orderId, 'discarded', now);
    await this.orders.releaseQuote(session, tenantId, request.quoteId, operation._id);
  }

  /** As a purchase; refused too once seats were taken back, for then money is owed. [OWN-2] */
  private async releaseSeatChange(
    session: Session,
    operation: OperationOf<'seatChange'>,
    now: Date,
  ): Promise<void> {
    const { tenantId, request } = operation;
    requireNothingFinal(operation);
    await this.payments.abandon(session, tenantId, request.paymentId, now);
    await this.orders.failOrder(session, tenantId, request.orderId, 'discarded', now);
    if (request.quoteId !== null) {
      await this.orders.releaseQuote(session, tenantId, request.quoteId, operation._id);
    }
    await this.unlock(session, operation);
  }

  /**
   * An open bill stays open, and is not tried again before the next day. Without one nothing was ordered yet, and nothing is left
   * that could be put off: the scheduler asks for that term afresh. Renewal stays on, for the purchaser has not turned it off. [BUY-9]
   */
  private async releaseRenewal(
    session: Session,
    operation: OperationOf<'renewal'>,
    now: Date,
  ): Promise<void> {
    const { tenantId, request } = operation;
    await this.payments.abandon(session, tenantId, request.paymentId, now);
    await this.unlock(session, operation);
    const subscription = await this.subscriptions.get(tenantId, operation.subscriptionId ?? '', session);
    const { unpaid } = subscription.lifecycle;
    if (!unpaid) return this.orders.failOrder(session, tenantId, request.orderId, 'discarded', now);
    const tomorrow = addDays(now, 1);
    if (unpaid.nextTryAt === null || unpaid.nextTryAt >= tomorrow) return;
    const lifecycle = { unpaid: { ...unpaid, nextTryAt: tomorrow } };
    await this.subscriptions.change(session, subscription, { lifecycle }, now);
  }

  private async unlock(session: Session, operation: OperationDocument) {
    const { tenantId, subscriptionId } = operation;
    if (subscriptionId === null) throw new Error(`${operation._id} names no subscription`);
    await this.directory.removeLeftLicenses(session, tenantId, subscriptionId);
    await this.subscriptions.unlock(session, tenantId, subscriptionId, operation._id);
    const { status } = await this.subscriptions.get(tenantId, subscriptionId, session);
    return status;
  }
}

/** Throws `illegal_state` past the point of return, where what follows has to be brought to its end. */
export const requireNothingFinal = (operation: OperationDocument): void => {
  if (undoOf(operation) === 'never') throw pastReturn(operation);
};

const pastReturn = ({ status }: OperationDocument): DomainError =>
  new DomainError('illegal_state', 'It is past the point of return: resume it, it will come to its end.', {
    state: status,
  });
