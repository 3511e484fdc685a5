import { Inject, Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { JOB_OF_OPERATION } from '@commissary/contracts';
import { DomainError, notFound } from '@commissary/domain';
import { readStripeNotice, type StripeNotice } from '@commissary/payments';
import type { GatewayEnv, Logger } from '@commissary/platform';
import { JobProducer, wakeUpId } from '@commissary/queue';
import { DatabaseClock, PaymentWakeUps } from '@commissary/store';
import { LOGGER } from '../connections/tokens.js';

/** Stripe waits for the answer; what Redis has not taken by then, the dispatcher enqueues. */
const ENQUEUE_WITHIN_MS = 200;

/**
 * A notice decides nothing about money: it wakes the run that waits for the outcome, which asks Stripe itself. So it may come twice,
 * late, out of order or never, and need not be remembered: a run is woken only while it waits, and asks under its one key. [BUY-6]
 */
@Injectable()
export class StripeWebhooksService {
  constructor(
    private readonly wakeUps: PaymentWakeUps,
    private readonly producer: JobProducer,
    private readonly clock: DatabaseClock,
    private readonly config: ConfigService<GatewayEnv, true>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** `body` as received. Throws `not_found` where Stripe is not the provider, `invalid_request` for a signature that does not fit. */
  async receive(body: string, signature: string | undefined): Promise<void> {
    const secret = this.config.get('STRIPE_WEBHOOK_SECRET', { infer: true });
    const isProvider = this.config.get('PAYMENTS', { infer: true }) === 'stripe';
    if (!isProvider || secret === undefined) throw notFound();
    const notice = readStripeNotice(body, signature, secret, this.clock.now());
    if (!notice) throw new DomainError('invalid_request', 'The signature does not fit this body and time.');
    const woken = notice.idempotencyKey === null ? 0 : await this.wake(notice.idempotencyKey);
    this.log(notice, woken);
  }

  private async wake(idempotencyKey: string): Promise<number> {
    const operations = await this.wakeUps.wake(idempotencyKey);
    for (const { _id, tenantId, type, fence } of operations) {
      const job = {
        name: JOB_OF_OPERATION[type],
        payload: { v: 1 as const, operationId: _id, tenantId },
        jobId: wakeUpId(_id, fence),
      };
      await this.producer.wakeAll([job], ENQUEUE_WITHIN_MS);
    }
    return operations.length;
  }

  /** A refund that failed was counted as given: Stripe has the money back, and a person has to see to it. */
  private log({ eventId, type }: StripeNotice, woken: number): void {
    if (type === 'refund.failed')
      this.logger.error({ stripeEvent: eventId, type }, 'a refund failed at Stripe');
    else this.logger.info({ stripeEvent: eventId, type, woken }, 'notice of Stripe');
  }
}
