import errors from './documented-errors.json' with { type: 'json' };

export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

type Row = Record<string, unknown> & { id: string; created: number };

/** How a card behaves when charged, by its PaymentMethod's id; any other one is fine. */
const CHARGED: Readonly<Record<string, Answer>> = {
  pm_insufficient: errors.insufficientFunds,
  pm_lost: errors.lostCard,
  pm_sca: errors.authenticationRequired,
};

/** What Stripe remembers: customers, PaymentIntents, refunds, and the answer under each idempotency key. */
export class StripeBooks {
  readonly intents: Row[] = [];
  readonly refunds: Row[] = [];
  private readonly cards = new Map<string, Row>();
  private readonly answers = new Map<string, Answer>();
  private count = 0;

  /** As after a day: a key is as good as new. */
  forgetKeys(): void {
    this.answers.clear();
  }

  serve(what: string, params: URLSearchParams, key?: string): Answer {
    const known = key === undefined ? undefined : this.answers.get(key);
    if (known) return known;
    const answer = this.answer(what, params);
    if (key !== undefined) this.answers.set(key, answer);
    return answer;
  }

  private answer(what: string, params: URLSearchParams): Answer {
    const owner = /^GET \/v1\/customers\/(\w+)\/payment_methods$/.exec(what)?.[1];
    if (owner !== undefined)
      return page(
        [this.cards.get(owner)].filter((row) => row !== undefined),
        params,
      );
    switch (what) {
      case 'POST /v1/payment_methods':
        return ok(this.card(`pm_${this.nextId()}`));
      case 'POST /v1/customers':
        return this.createCustomer(params.get('payment_method') ?? '');
      case 'POST /v1/payment_intents':
        return this.createIntent(params);
      case 'GET /v1/payment_intents':
        return page(this.intentsOf(params), params);
      case 'POST /v1/refunds':
        return this.createRefund(params);
      case 'GET /v1/refunds':
        return page(
          this.refunds.filter((row) => row['payment_intent'] === params.get('payment_intent')),
          params,
        );
      default:
        return { status: 404, body: { error: { type: 'invalid_request_error', message: `no ${what}` } } };
    }
  }

  private createCustomer(paymentMethod: string): Answer {
    const attached = [...this.cards.values()].some((row) => row.id === paymentMethod);
    if (attached) return errors.alreadyAttached;
    const id = `cus_${this.nextId()}`;
    this.cards.set(id, this.card(paymentMethod));
    return ok({ id, object: 'customer', metadata: {} });
  }

  private createIntent(params: URLSearchParams): Answer {
    const refused = CHARGED[params.get('payment_method') ?? ''];
    const error = (refused?.body as { error: object } | undefined)?.error;
    const intent = {
      id: `pi_${this.nextId()}`,
      object: 'payment_intent',
      created: now(),
      amount: Number(params.get('amount')),
      currency: params.get('currency'),
      customer: params.get('customer'),
      metadata: metadataOf(params),
      status: refused ? 'requires_payment_method' : 'succeeded',
      last_payment_error: error ?? null,
    };
    this.intents.unshift(intent);
    return refused
      ? { status: refused.status, body: { error: { ...error, payment_intent: intent } } }
      : ok(intent);
  }

  private intentsOf(params: URLSearchParams): Row[] {
    const since = Number(params.get('created[gte]') ?? 0);
    return this.intents.filter((row) => row['customer'] === params.get('customer') && row.created >= since);
  }

  private createRefund(params: URLSearchParams): Answer {
    const intent = this.intents.find(({ id }) => id === params.get('payment_intent'));
    const amount = Number(params.get('amount'));
    const given = this.refunds
      .filter((row) => row['payment_intent'] === intent?.id)
      .reduce((sum, row) => sum + Number(row['amount']), 0);
    if (!intent || given >= Number(intent['amount'])) return errors.alreadyRefunded;
    const refund = {
      id: `re_${this.nextId()}`,
      object: 'refund',
      created: now(),
      status: 'pending',
      amount,
      currency: intent['currency'],
      payment_intent: intent.id,
      metadata: metadataOf(params),
    };
    this.refunds.unshift(refund);
    return ok(refund);
  }

  private card(id: string): Row {
    const card = { brand: 'visa', last4: '4242', exp_month: 2, exp_year: 2032 };
    return { id, object: 'payment_method', type: 'card', created: now(), card };
  }

  private nextId(): string {
    this.count += 1;
    return `fake${this.count}`;
  }
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const now = (): number => Math.floor(Date.now() / 1000);

const metadataOf = (params: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...params].flatMap(([name, value]) => {
      const key = /^metadata\[(.+)\]$/.exec(name)?.[1];
      return key === undefined ? [] : [[key, value]];
    }),
  );

/** Newest first, as Stripe lists. */
const page = (rows: readonly Row[], params: URLSearchParams): Answer => {
  const limit = Number(params.get('limit') ?? 10);
  const after = params.get('starting_after');
  const from = after === null ? 0 : rows.findIndex(({ id }) => id === after) + 1;
  const data = rows.slice(from, from + limit);
  return ok({ object: 'list', data, has_more: from + limit < rows.length, url: '/' });
};
