import { Inject, Injectable } from '@nestjs/common';
import type { NewPaymentMethodBody, PaymentMethodView } from '@commissary/contracts';
import { DomainError } from '@commissary/domain';
import type { PaymentProvider, RefusedMethod } from '@commissary/payments';
import { newId } from '@commissary/platform';
import {
  Database,
  DatabaseClock,
  type PaymentMethodDocument,
  PaymentMethodsRepository,
  type Session,
  recordChange,
} from '@commissary/store';
import type { Answer } from '../http/answer.js';
import { auditOf } from '../http/change-record.js';
import { invalidRequest } from '../http/problems.js';
import type { RequestContext } from '../http/request-context.js';
import type { IdempotentRequest } from '../idempotency/idempotent-request.js';
import { AcceptService } from '../operations/accept.service.js';
import { PAYMENT_PROVIDER } from './payment-provider.token.js';
import { paymentMethodView } from './payment-method.view.js';

@Injectable()
export class PaymentMethodsService {
  constructor(
    private readonly database: Database,
    private readonly methods: PaymentMethodsRepository,
    private readonly accepts: AcceptService,
    private readonly clock: DatabaseClock,
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
  ) {}

  /**
   * Adds a card. Its token goes to the provider and nowhere else. [BUY-3]
   * Throws `payment_method_unsupported` for anything but a card, `invalid_request` for one the provider refuses.
   */
  async add(
    ctx: RequestContext,
    keyed: IdempotentRequest,
    body: NewPaymentMethodBody,
  ): Promise<Answer<PaymentMethodView>> {
    if (body.type !== 'card') throw unsupported(body.type);
    const { token = '' } = body;
    return this.accepts.create(
      keyed,
      body,
      async (session, now, registered: PaymentMethodDocument) => {
        const method = { ...registered, createdAt: now };
        await this.methods.insert(session, method);
        await this.record(ctx, session, now, 'paymentMethod.added', method);
        return { id: method._id, body: paymentMethodView(method) };
      },
      (now) => this.register(ctx, token, now),
    );
  }

  /** Throws `not_found` for other users' cards too, and `card_in_use`. */
  async remove(ctx: RequestContext, methodId: string): Promise<void> {
    await this.database.transaction(async (session) => {
      const now = this.clock.now();
      const method = await this.methods.remove(session, ctx.tenantId, ctx.user._id, methodId, now);
      await this.record(ctx, session, now, 'paymentMethod.removed', method);
    });
  }

  private async register(ctx: RequestContext, token: string, now: Date): Promise<PaymentMethodDocument> {
    const outcome = await this.provider.registerMethod(token, ctx.user._id);
    if (outcome.kind === 'refused') throw refused(outcome.reason);
    const { providerMethodId, brand, last4, expiresAt } = outcome;
    return {
      _id: newId('pm'),
      tenantId: ctx.tenantId,
      userId: ctx.user._id,
      brand,
      last4,
      expiresAt,
      providerMethodId,
      createdAt: now,
      removedAt: null,
    };
  }

  private async record(
    ctx: RequestContext,
    session: Session,
    now: Date,
    action: 'paymentMethod.added' | 'paymentMethod.removed',
    { _id, brand, last4 }: PaymentMethodDocument,
  ): Promise<void> {
    const card = { brand, last4 };
    const values =
      action === 'paymentMethod.added' ? { before: null, after: card } : { before: card, after: null };
    const audit = auditOf(ctx, { action, subject: { type: 'paymentMethod', id: _id }, ...values });
    await recordChange(this.database, session, now, { audit: [audit] });
  }
}

const unsupported = (type: string): DomainError =>
  new DomainError(
    'payment_method_unsupported',
    `Payment by ${type} is not supported; a purchase is paid by card.`,
  );

const REFUSED: Record<RefusedMethod['reason'], string> = {
  card_expired: 'The card has expired; add another card.',
  card_declined: 'The card was declined; add another card.',
  token_unknown: 'The payment provider does not know this token.',
};

const refused = (reason: RefusedMethod['reason']): DomainError =>
  invalidRequest('/token', reason, REFUSED[reason]);
