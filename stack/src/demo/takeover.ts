import type { Money } from '@commissary/domain';
import type { Operation } from './api-client.js';
import { POWER_APPS, POWER_BI_PRO, type Scene, type Subscription } from './scene.js';
import { amount } from './stage.js';

interface Preview {
  total: number;
  seatsNeeded: number;
  seatsFree: number;
  refund: Money | null;
  priceDifferencePerMonth: Money | null;
}

interface MoveResult {
  moved: number;
  alreadyLicensed: number;
  skipped: number;
  failed: number;
  refunded: Money | null;
}

/** The acts in which an admin takes purchases over: one by moving its users, one by cancelling it. */
export class Takeover {
  constructor(private readonly scene: Scene) {}

  async play(source: Subscription): Promise<void> {
    await this.move(source);
    await this.cancellation();
  }

  private async move(source: Subscription): Promise<void> {
    const { cast, stage, users } = this.scene;
    const total = users.length + 1;
    stage.title(`An admin takes the subscription over: ${total} users move to a central one`);
    const central = { productId: POWER_BI_PRO, quantity: total + 10, term: 'P1Y' };
    const target = await cast.admin.post<Subscription>('/v1/subscriptions', central);
    const body = { targetSubscriptionId: target.id };
    const path = `/v1/subscriptions/${source.id}`;
    stage.say(previewed(await cast.admin.post<Preview>(`${path}/move-preview`, body)));
    const accepted = await cast.admin.post<Operation>(`${path}/move`, body);
    stage.say(`202 ${accepted.id} ${accepted.status}`);
    const ended = await this.watch(accepted, total);
    const { moved = 0 } = (ended.result ?? {}) as Partial<MoveResult>;
    this.scene.moved = moved;
    const left = await cast.admin.get<Subscription>(path);
    stage.say(`the old subscription is ${left.status}, with ${left.seats.assigned} users left`);
    this.scene.expect(ended.status === 'succeeded' && moved === total, 'every user is moved');
    this.scene.expect(left.status === 'deleted', 'the old subscription is deleted');
  }

  private async watch(accepted: Operation, total: number): Promise<Operation> {
    const { cast, stage } = this.scene;
    const startedAt = performance.now();
    const bar = stage.bar(total);
    const ended = await cast.admin.watch(accepted, bar.follow);
    bar.stop();
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(2);
    if (ended.status === 'succeeded') stage.say(`Move completed in ${seconds} s: ${resultOf(ended)}`);
    else stage.say(`${ended.status}: ${ended.error?.detail ?? ''}`);
    return ended;
  }

  private async cancellation(): Promise<void> {
    const { cast, stage } = this.scene;
    stage.title('Casey buys too; the admin cancels it');
    const bought = await this.scene.purchase(cast.casey, 'tok_visa', POWER_APPS, 3);
    stage.say(bought.status);
    this.scene.expect(bought.status === 'succeeded', 'the second purchase succeeds');
    this.scene.purchases += 1;
    const { subscriptionId } = bought.result as { subscriptionId: string };
    const ended = await cast.admin.ended(
      await cast.admin.post<Operation>(`/v1/subscriptions/${subscriptionId}/cancel`, {
        reason: 'unused',
        comment: 'Bought centrally already',
      }),
    );
    const { usersCut, refunded } = ended.result as { usersCut: number; refunded: Money | null };
    stage.say(
      `${ended.status}: ${usersCut} user lost access, ${refunded ? amount(refunded) : 'nothing'} refunded`,
    );
    const mine = await cast.casey.get<{ items: unknown[] }>('/v1/me/licenses');
    stage.say(`Casey has ${mine.items.length} licenses left`);
    this.scene.expect(
      ended.status === 'succeeded' && mine.items.length === 0,
      'access ends with the cancellation',
    );
  }
}

const previewed = ({ total, seatsNeeded, seatsFree, refund, priceDifferencePerMonth }: Preview): string => {
  const difference = priceDifferencePerMonth
    ? `${amount(priceDifferencePerMonth)} a month`
    : 'not comparable';
  const due = refund ? amount(refund) : 'none';
  return (
    `preview: ${total} users need ${seatsNeeded} seats, ${seatsFree} are free; ` +
    `refund ${due}; price difference ${difference}`
  );
};

const resultOf = ({ result }: Operation): string => {
  const { moved, alreadyLicensed, skipped, failed, refunded } = result as unknown as MoveResult;
  const due = refunded ? amount(refunded) : 'nothing';
  return `${moved} moved, ${alreadyLicensed} licensed already, ${skipped} skipped, ${failed} failed; ${due} refunded`;
};
