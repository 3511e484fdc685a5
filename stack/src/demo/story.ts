import type { Money } from '@commissary/domain';
import type { StackAddresses } from '../supervisor/stack-file.js';
import { ApiClient, ApiProblem, type Operation } from './api-client.js';
import { readMail, type SentMail } from './outside.js';
import { amount, type Stage } from './stage.js';

const POWER_BI_PRO = 'CFQ7TTC0H9MP';
const POWER_APPS = 'CFQ7TTC0LH2H';
const VISIO_PLAN_1 = 'CFQ7TTC0HD33';
const POLICY = '/v1/policies/AllowSelfServicePurchase/products';

/** What the summary counts. */
export interface Tally {
  moved: number;
  purchases: number;
  declined: number;
  /** What did not go as the story has it. */
  wrong: string[];
}

export interface Cast {
  alex: ApiClient;
  blake: ApiClient;
  casey: ApiClient;
  gov: ApiClient;
  admin: ApiClient;
}

interface Quote {
  id: string;
  productId: string;
  quantity: number;
  unitPrice: Money;
  total: Money;
  renewsAt: string | null;
}

interface Subscription {
  id: string;
  productName: string;
  status: string;
  seats: { purchased: number; assigned: number; reserved: number; free: number };
}

/** The main job, told act by act, each through HTTP with the person's own token. [RUN-1] */
export class Story {
  readonly tally: Tally = { moved: 0, purchases: 0, declined: 0, wrong: [] };
  private takenOver: Subscription | null = null;

  constructor(
    private readonly cast: Cast,
    private readonly stage: Stage,
    private readonly addresses: StackAddresses,
    /** E-mail addresses of the users to be moved. */
    private readonly users: readonly string[],
  ) {}

  async tell(): Promise<void> {
    await this.policy();
    await this.refused();
    await this.declined();
    await this.bought();
    await this.assigned();
    await this.moved();
    await this.canceled();
    await this.mailed();
  }

  private expect(holds: boolean, what: string): void {
    if (!holds) {
      this.tally.wrong.push(what);
      this.stage.say(`! ${what}`);
    }
  }

  private async policy(): Promise<void> {
    this.stage.title('An admin looks up and sets the policy');
    await this.cast.admin.put(`${POLICY}/${VISIO_PLAN_1}`, { policyValue: 'Disabled' });
    const { items } = await this.cast.admin.get<{
      items: { productName: string; productId: string; policyValue: string }[];
    }>(POLICY);
    this.stage.table(
      ['product', 'id', 'AllowSelfServicePurchase'],
      items.map((item) => [item.productName, item.productId, item.policyValue]),
    );
    this.expect(
      items.some((i) => i.productId === VISIO_PLAN_1 && i.policyValue === 'Disabled'),
      'the policy is set',
    );
  }

  private async refused(): Promise<void> {
    this.stage.title('Purchases that are refused');
    const visio = { productId: VISIO_PLAN_1, offer: 'purchase', quantity: 1, term: 'P1M' };
    await this.isRefused(
      'blake@contoso.example asks for Visio Plan 1',
      this.cast.blake,
      visio,
      'policy_disabled',
    );
    const powerBi = { productId: POWER_BI_PRO, offer: 'purchase', quantity: 1, term: 'P1M' };
    await this.isRefused(
      'user@fabrikam-gov.example asks for Power BI Pro',
      this.cast.gov,
      powerBi,
      'tenant_type',
    );
  }

  private async isRefused(who: string, buyer: ApiClient, quote: object, reason: string): Promise<void> {
    const problem = await buyer.post('/v1/quotes', quote).then(
      () => null,
      (error: unknown) => error,
    );
    const refusal = problem instanceof ApiProblem ? problem : null;
    this.stage.say(
      `${who}: ${refusal?.status ?? 'allowed'} ${refusal?.code ?? ''} [${refusal?.reasons.join(', ') ?? ''}]`,
    );
    if (refusal) this.stage.say(`  "${refusal.detail}"`);
    this.expect(refusal?.reasons.includes(reason) === true, `${who}: refused with ${reason}`);
  }

  private async purchase(
    buyer: ApiClient,
    token: string,
    productId: string,
    quantity: number,
  ): Promise<Operation> {
    const card = await buyer.post<{ id: string; brand: string; last4: string }>('/v1/payment-methods', {
      token,
    });
    const quote = await buyer.post<Quote>('/v1/quotes', {
      productId,
      offer: 'purchase',
      quantity,
      term: 'P1M',
    });
    this.stage.say(
      `quote: ${quantity} ${quantity === 1 ? 'seat' : 'seats'} at ${amount(quote.unitPrice)} = ${amount(quote.total)} a month, renews ${quote.renewsAt?.slice(0, 10) ?? 'never'}; card ${card.brand} ending ${card.last4}`,
    );
    const accepted = await buyer.post<Operation>('/v1/purchases', {
      quoteId: quote.id,
      paymentMethodId: card.id,
    });
    this.stage.say(`202 ${accepted.id} ${accepted.status}`);
    return buyer.ended(accepted);
  }

  private async declined(): Promise<void> {
    this.stage.title('A card that is declined');
    const operation = await this.purchase(this.cast.blake, 'tok_chargeDeclined', POWER_APPS, 1);
    this.stage.say(`${operation.status}: ${operation.error?.detail ?? ''}`);
    this.expect(
      operation.status === 'rejected' && operation.error?.code === 'card_declined',
      'the card is declined',
    );
    if (operation.status === 'rejected') this.tally.declined += 1;
  }

  private async bought(): Promise<void> {
    this.stage.title('Alex buys by card; the answer to the charge is lost, and asked for again');
    const operation = await this.purchase(
      this.cast.alex,
      'tok_timeoutThenOk',
      POWER_BI_PRO,
      this.users.length + 1,
    );
    const orderId = String(operation.result?.['orderId']);
    this.stage.say(`${operation.status}: order ${orderId}`);
    this.expect(operation.status === 'succeeded', 'the purchase succeeds');
    const charges = await this.chargesOf(orderId);
    this.stage.say(`the provider's journal has ${charges} charge for it`);
    this.expect(charges === 1, 'one charge for one order');
    this.tally.purchases += 1;
    this.takenOver = await this.cast.alex.get<Subscription>(
      `/v1/subscriptions/${String(operation.result?.['subscriptionId'])}`,
    );
    const mine = await this.cast.alex.get<{ items: { productName: string }[] }>('/v1/me/licenses');
    this.stage.say(`Alex can use ${mine.items.map((license) => license.productName).join(', ')} at once`);
  }

  private async chargesOf(orderId: string): Promise<number> {
    const response = await fetch(`${this.addresses.paymentsUrl ?? ''}/charges?orderId=${orderId}`);
    const { items } = (await response.json()) as { items: { status: string }[] };
    return items.filter((charge) => charge.status === 'succeeded').length;
  }

  private get source(): Subscription {
    if (!this.takenOver) throw new Error('nothing was bought');
    return this.takenOver;
  }

  private async assigned(): Promise<void> {
    this.stage.title(`Alex assigns ${this.users.length} licenses`);
    const counts: Record<string, number> = {};
    for (let from = 0; from < this.users.length; from += 1_000) {
      const users = this.users.slice(from, from + 1_000);
      const { items } = await this.cast.alex.post<{ items: { outcome: string }[] }>(
        `/v1/subscriptions/${this.source.id}/licenses`,
        { users },
      );
      for (const { outcome } of items) counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    this.stage.say(
      Object.entries(counts)
        .map(([outcome, n]) => `${outcome} ${n}`)
        .join(', '),
    );
    this.expect(counts['assigned'] === this.users.length, 'every license is assigned');
  }

  private async moved(): Promise<void> {
    const total = this.users.length + 1;
    this.stage.title(`An admin takes the subscription over: ${total} users move to a central one`);
    const { admin } = this.cast;
    const central = { productId: POWER_BI_PRO, quantity: total + 10, term: 'P1Y' };
    const target = await admin.post<Subscription>('/v1/subscriptions', central);
    const body = { targetSubscriptionId: target.id };
    const preview = await admin.post<Preview>(`/v1/subscriptions/${this.source.id}/move-preview`, body);
    this.stage.say(previewed(preview));
    const accepted = await admin.post<Operation>(`/v1/subscriptions/${this.source.id}/move`, body);
    this.stage.say(`202 ${accepted.id} ${accepted.status}`);
    const startedAt = performance.now();
    const bar = this.stage.bar(total);
    const ended = await admin.watch(accepted, bar.follow);
    bar.stop();
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(2);
    this.stage.say(
      `${ended.status === 'succeeded' ? 'Move completed' : ended.status} in ${seconds} s: ${moveResult(ended)}`,
    );
    const source = await admin.get<Subscription>(`/v1/subscriptions/${this.source.id}`);
    this.stage.say(`the old subscription is ${source.status}, with ${source.seats.assigned} users left`);
    this.tally.moved = Number(ended.result?.['moved'] ?? 0);
    this.expect(ended.status === 'succeeded' && this.tally.moved === total, 'every user is moved');
    this.expect(source.status === 'deleted', 'the old subscription is deleted');
  }

  private async canceled(): Promise<void> {
    this.stage.title('Casey buys too; the admin cancels it');
    const { casey, admin } = this.cast;
    const bought = await this.purchase(casey, 'tok_visa', POWER_APPS, 3);
    this.stage.say(`${bought.status}`);
    this.expect(bought.status === 'succeeded', 'the second purchase succeeds');
    this.tally.purchases += 1;
    const path = `/v1/subscriptions/${String(bought.result?.['subscriptionId'])}`;
    const accepted = await admin.post<Operation>(`${path}/cancel`, {
      reason: 'unused',
      comment: 'Bought centrally already',
    });
    const ended = await admin.ended(accepted);
    const cut = ended.result as { usersCut: number; refunded: Money | null } | null;
    this.stage.say(
      `${ended.status}: ${cut?.usersCut ?? 0} user lost access, ${cut?.refunded ? amount(cut.refunded) : 'nothing'} refunded`,
    );
    const mine = await casey.get<{ items: unknown[] }>('/v1/me/licenses');
    this.stage.say(`Casey has ${mine.items.length} licenses left`);
    this.expect(ended.status === 'succeeded' && mine.items.length === 0, 'access ends with the cancellation');
  }

  /** The mails of every act but the assignments are awaited by name. */
  private async mailed(): Promise<void> {
    this.stage.title('The e-mails that went out');
    const told: [string, string][] = [
      ['alex@contoso.example', 'receipt'],
      ['alex@contoso.example', 'canceled'],
      ['blake@contoso.example', 'cardDeclined'],
      ['casey@contoso.example', 'accessRemoved'],
      ['global.admin@contoso.example', 'moveCompleted'],
      ['billing.admin@contoso.example', 'purchaseAlert'],
    ];
    const mails = await Promise.all(
      told.map(([to, template]) => readMail(this.addresses.mailUrl ?? '', to, template)),
    );
    const found = mails.filter((mail): mail is SentMail => mail !== null);
    this.stage.table(
      ['to', 'subject'],
      found.map((mail) => [mail.to.join(', '), mail.subject]),
    );
    this.expect(found.length === told.length, 'every e-mail went out');
  }
}

interface Preview {
  total: number;
  toMove: number;
  seatsNeeded: number;
  seatsFree: number;
  refund: Money | null;
  priceDifferencePerMonth: Money | null;
}

const previewed = ({ total, seatsNeeded, seatsFree, refund, priceDifferencePerMonth }: Preview): string => {
  const difference = priceDifferencePerMonth
    ? `${amount(priceDifferencePerMonth)} a month`
    : 'not comparable';
  return (
    `preview: ${total} users need ${seatsNeeded} seats, ${seatsFree} are free; ` +
    `refund ${refund ? amount(refund) : 'none'}; price difference ${difference}`
  );
};

const moveResult = ({ result }: Operation): string => {
  const {
    moved = 0,
    alreadyLicensed = 0,
    skipped = 0,
    failed = 0,
    refunded = null,
  } = (result ?? {}) as {
    moved?: number;
    alreadyLicensed?: number;
    skipped?: number;
    failed?: number;
    refunded?: Money | null;
  };
  const given = refunded ? amount(refunded) : 'nothing';
  return `${moved} moved, ${alreadyLicensed} licensed already, ${skipped} skipped, ${failed} failed; ${given} refunded`;
};
