import { type ApiClient, ApiProblem } from './api-client.js';
import { chargesOf } from './outside.js';
import { POWER_APPS, POWER_BI_PRO, type Scene, type Subscription, VISIO_PLAN_1 } from './scene.js';

const POLICY = '/v1/policies/AllowSelfServicePurchase/products';

/** Assigning takes at most this many users a request. [OWN-3] */
const BATCH = 1_000;

interface PolicyProduct {
  productId: string;
  productName: string;
  policyValue: string;
}

/** The acts in which people buy: allowed, refused, declined, and at last with licenses for everyone. */
export class Buying {
  constructor(private readonly scene: Scene) {}

  /** Resolves to the subscription that Alex bought. */
  async play(): Promise<Subscription> {
    await this.policy();
    await this.refusals();
    await this.decline();
    const subscription = await this.purchase();
    await this.assignments(subscription);
    return subscription;
  }

  private async policy(): Promise<void> {
    const { cast, stage } = this.scene;
    stage.title('An admin looks up and sets the policy');
    await cast.admin.put(`${POLICY}/${VISIO_PLAN_1}`, { policyValue: 'Disabled' });
    const { items } = await cast.admin.get<{ items: PolicyProduct[] }>(POLICY);
    const rows = items.map((item) => [item.productName, item.productId, item.policyValue]);
    stage.table(['product', 'id', 'AllowSelfServicePurchase'], rows);
    const visio = items.find((item) => item.productId === VISIO_PLAN_1);
    this.scene.expect(visio?.policyValue === 'Disabled', 'the policy for Visio Plan 1 is Disabled');
  }

  private async refusals(): Promise<void> {
    const { cast, stage } = this.scene;
    stage.title('Purchases that are refused');
    await this.refused(
      'blake@contoso.example asks for Visio Plan 1',
      cast.blake,
      VISIO_PLAN_1,
      'policy_disabled',
    );
    await this.refused(
      'user@fabrikam-gov.example asks for Power BI Pro',
      cast.gov,
      POWER_BI_PRO,
      'tenant_type',
    );
  }

  private async refused(who: string, buyer: ApiClient, productId: string, reason: string): Promise<void> {
    const quote = { productId, offer: 'purchase', quantity: 1, term: 'P1M' };
    const problem = await buyer.post('/v1/quotes', quote).then(
      () => null,
      (error: unknown) => error,
    );
    if (!(problem instanceof ApiProblem)) {
      this.scene.expect(false, `${who}: refused`);
      return;
    }
    this.scene.stage.say(`${who}: ${problem.status} ${problem.code} [${problem.reasons.join(', ')}]`);
    this.scene.stage.say(`  "${problem.detail}"`);
    this.scene.expect(problem.reasons.includes(reason), `${who}: refused with ${reason}`);
  }

  private async decline(): Promise<void> {
    const { cast, stage } = this.scene;
    stage.title('A card that is declined');
    const operation = await this.scene.purchase(cast.blake, 'tok_chargeDeclined', POWER_APPS, 1);
    stage.say(`${operation.status}: ${operation.error?.detail ?? ''}`);
    const declined = operation.status === 'rejected' && operation.error?.code === 'card_declined';
    this.scene.expect(declined, 'the card is declined');
    if (declined) this.scene.declined += 1;
  }

  private async purchase(): Promise<Subscription> {
    const { cast, stage, users, addresses } = this.scene;
    stage.title('Alex buys by card; the answer to the charge is lost, and asked for again');
    const operation = await this.scene.purchase(
      cast.alex,
      'tok_timeoutThenOk',
      POWER_BI_PRO,
      users.length + 1,
    );
    const { orderId, subscriptionId } = operation.result as { orderId: string; subscriptionId: string };
    stage.say(`${operation.status}: order ${orderId}`);
    this.scene.expect(operation.status === 'succeeded', 'the purchase succeeds');
    this.scene.purchases += 1;
    const charges = await chargesOf(addresses.paymentsUrl ?? '', orderId);
    stage.say(`the provider's journal has ${charges} charge for it`);
    this.scene.expect(charges === 1, 'one charge for one order');
    const mine = await cast.alex.get<{ items: { productName: string }[] }>('/v1/me/licenses');
    stage.say(`Alex can use ${mine.items.map((license) => license.productName).join(', ')} at once`);
    return cast.alex.get<Subscription>(`/v1/subscriptions/${subscriptionId}`);
  }

  private async assignments(subscription: Subscription): Promise<void> {
    const { cast, stage, users } = this.scene;
    stage.title(`Alex assigns ${users.length} licenses`);
    let assigned = 0;
    for (let from = 0; from < users.length; from += BATCH) {
      const { items } = await cast.alex.post<{ items: { outcome: string }[] }>(
        `/v1/subscriptions/${subscription.id}/licenses`,
        { users: users.slice(from, from + BATCH) },
      );
      assigned += items.filter((item) => item.outcome === 'assigned').length;
    }
    stage.say(`${assigned} assigned`);
    this.scene.expect(assigned === users.length, 'every license is assigned');
  }
}
