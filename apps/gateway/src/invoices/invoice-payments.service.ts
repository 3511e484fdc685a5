import { Injectable } from '@nestjs/common';
import type { InvoicePaymentBody, OperationView } from '@commissary/contracts';
import { DomainError } from '@commissary/domain';
import { newId } from '@commissary/platform';
import {
  InvoicesRepository,
  type OperationDocument,
  OperationsRepository,
  PaymentMethodsRepository,
  type Session,
  SubscriptionsRepository,
} from '@commissary/store';
import type { Answer } from '../http/answer.js';
import type { RequestContext } from '../http/request-context.js';
import type { IdempotentRequest } from '../idempotency/idempotent-request.js';
import { AcceptService } from '../operations/accept.service.js';
import { requestOrigin } from '../operations/request-origin.js';
import { useCard } from '../payment-methods/use-card.js';

/** Open bills, paid by their purchaser: the renewal that waited for it is done then. [OWN-4, BUY-9, SUB-3] */
@Injectable()
export class InvoicePayments {
  constructor(
    private readonly invoices: InvoicesRepository,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly methods: PaymentMethodsRepository,
    private readonly accepts: AcceptService,
  ) {}

  /**
   * Accepts the payment and locks the subscription.
   * Throws `not_found` for a bill or card that is not the caller's, `illegal_state` for a bill that is not open,
   * `operation_in_progress`, and `invalid_request` for a card that has expired.
   */
  accept(
    ctx: RequestContext,
    keyed: IdempotentRequest,
    invoiceId: string,
    body: InvoicePaymentBody,
  ): Promise<Answer<OperationView>> {
    return this.accepts.accept(ctx, keyed, body, (session, now) =>
      this.build(ctx, session, now, { invoiceId, ...body }),
    );
  }

  private async build(
    ctx: RequestContext,
    session: Session,
    now: Date,
    { invoiceId, paymentMethodId }: { invoiceId: string; paymentMethodId: string },
  ): Promise<OperationDocument> {
    const { tenantId, user } = ctx;
    const operationId = newId('op');
    const invoice = await this.invoices.get(tenantId, user._id, invoiceId, session);
    if (invoice.status !== 'open') throw notOpen(invoice.status);
    const { subscriptionId } = invoice;
    const { lifecycle } = await this.subscriptions.lock(session, tenantId, subscriptionId, operationId);
    // An open bill whose subscription does not name it is no renewal that could be done.
    if (lifecycle.unpaid?.invoiceId !== invoiceId) throw notOpen('open');
    await useCard(this.methods, ctx, session, paymentMethodId, now);
    return OperationsRepository.newDocument(
      {
        id: operationId,
        tenantId,
        type: 'renewal',
        subscriptionId,
        request: {
          cause: 'paid',
          orderId: lifecycle.unpaid.orderId,
          invoiceId,
          paymentId: newId('pay'),
          paymentMethodId,
        },
        ...requestOrigin(ctx),
        total: 1,
      },
      now,
    );
  }
}

const notOpen = (state: string): DomainError =>
  new DomainError('illegal_state', `Nothing is to be paid: this bill is ${state}.`, { state });
