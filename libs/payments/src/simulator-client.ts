import { DomainError } from '@commissary/domain';
import { JsonClient, type JsonReply, readAs } from './json-client.js';
import {
  type ChargeOutcome,
  type ChargeRequest,
  type FoundCharge,
  type MethodOutcome,
  type PaymentProvider,
  ProviderRefusedError,
  type RefundOutcome,
  type RefundRequest,
  type Unknown,
} from './payment-provider.js';
import {
  type ChargeAnswer,
  chargeAnswer,
  chargePage,
  errorAnswer,
  methodAnswer,
  refundAnswer,
} from './simulator-answers.js';

export interface SimulatorOptions {
  /** `PAYMENTS_URL` */
  baseUrl: string;
  /** After which a call counts as unanswered, ms; 5 s unless given. */
  timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const UNREADABLE: Unknown = { kind: 'unknown', why: 'unreadable' };
/** Answers that ask to come again: the request was not looked at, or its fate is open. */
const TRANSIENT_STATUSES = new Set([408, 425, 429]);

type Answered = Extract<JsonReply, { kind: 'answered' }>;

/** The payment simulator over HTTP, like any card provider. [EXT-6, BUY-6] */
export class SimulatorClient implements PaymentProvider {
  readonly name = 'simulator';
  private readonly http: JsonClient;

  constructor({ baseUrl, timeoutMs = DEFAULT_TIMEOUT_MS }: SimulatorOptions) {
    this.http = new JsonClient(baseUrl, timeoutMs);
  }

  async registerMethod(token: string): Promise<MethodOutcome> {
    const reply = await this.http.send({ method: 'POST', path: '/payment-methods', body: { token } });
    if (reply.kind === 'unknown') throw providerAway();
    if (reply.status !== 200) return refusedMethod(reply);
    const method = readAs(methodAnswer, reply.body);
    if (!method) throw providerAway();
    return {
      kind: 'registered',
      providerMethodId: method.id,
      brand: method.brand,
      last4: method.last4,
      expiresAt: new Date(method.expiresAt),
    };
  }

  async charge(request: ChargeRequest): Promise<ChargeOutcome> {
    const { idempotencyKey, providerMethodId, orderId, amount } = request;
    const reply = await this.http.send({
      method: 'POST',
      path: '/charges',
      idempotencyKey,
      body: { paymentMethodId: providerMethodId, orderId, ...amount },
    });
    const answer = accepted(reply);
    if (answer.kind === 'unknown') return answer;
    const charge = readAs(chargeAnswer, answer.body);
    // An answer to another question is no answer to this one.
    return charge && answers(charge, request) ? outcomeOf(charge) : UNREADABLE;
  }

  async findByKey(idempotencyKey: string): Promise<FoundCharge> {
    const query = new URLSearchParams({ idempotencyKey });
    const answer = accepted(await this.http.send({ method: 'GET', path: `/charges?${query.toString()}` }));
    if (answer.kind === 'unknown') return answer;
    const page = readAs(chargePage, answer.body);
    if (!page || page.items.some((charge) => charge.idempotencyKey !== idempotencyKey)) return UNREADABLE;
    const [charge] = page.items;
    return charge ? outcomeOf(charge) : { kind: 'none' };
  }

  async refund({ idempotencyKey, chargeId, amount }: RefundRequest): Promise<RefundOutcome> {
    const reply = await this.http.send({
      method: 'POST',
      path: '/refunds',
      idempotencyKey,
      body: { chargeId, amountMinor: amount.amountMinor },
    });
    const answer = accepted(reply);
    if (answer.kind === 'unknown') return answer;
    const refund = readAs(refundAnswer, answer.body);
    const same =
      refund?.chargeId === chargeId &&
      refund.amountMinor === amount.amountMinor &&
      refund.currency === amount.currency;
    return same ? { kind: 'succeeded', refundId: refund.id } : UNREADABLE;
  }
}

/** A 200 or `unknown`; throws `ProviderRefusedError` for what the provider will never do. */
const accepted = (reply: JsonReply): Answered | Unknown => {
  if (reply.kind === 'unknown' || reply.status === 200) return reply;
  if (TRANSIENT_STATUSES.has(reply.status)) return { kind: 'unknown', why: 'server_error' };
  if (reply.status < 400) return UNREADABLE;
  throw refusalOf(reply);
};

const refusalOf = ({ status, body }: Answered): ProviderRefusedError =>
  new ProviderRefusedError(status, readAs(errorAnswer, body)?.error.code ?? 'unreadable');

const refusedMethod = (reply: Answered): MethodOutcome => {
  if (TRANSIENT_STATUSES.has(reply.status)) throw providerAway();
  const refusal = refusalOf(reply);
  if (refusal.code === 'card_expired' || refusal.code === 'token_unknown') {
    return { kind: 'refused', reason: refusal.code };
  }
  throw refusal;
};

const providerAway = (): DomainError =>
  new DomainError('unavailable', 'The card provider cannot be reached.', { retryAfterSeconds: 5 });

const answers = (charge: ChargeAnswer, request: ChargeRequest): boolean =>
  charge.idempotencyKey === request.idempotencyKey &&
  charge.orderId === request.orderId &&
  charge.amountMinor === request.amount.amountMinor &&
  charge.currency === request.amount.currency;

const outcomeOf = (charge: ChargeAnswer): ChargeOutcome =>
  charge.status === 'succeeded'
    ? { kind: 'succeeded', chargeId: charge.id }
    : { kind: 'declined', code: charge.declineReason, soft: charge.declineCode === 'soft' };
