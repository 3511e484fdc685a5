import type { Money } from '@commissary/domain';
import type { StackAddresses } from '../supervisor/stack-file.js';
import type { ApiClient, Operation } from './api-client.js';
import { amount, type Stage } from './stage.js';

/** The products of the story, by the vendor's ids. */
export const POWER_BI_PRO = 'CFQ7TTC0H9MP';
export const POWER_APPS = 'CFQ7TTC0LH2H';
export const VISIO_PLAN_1 = 'CFQ7TTC0HD33';

export interface Cast {
  alex: ApiClient;
  blake: ApiClient;
  casey: ApiClient;
  gov: ApiClient;
  admin: ApiClient;
}

interface Quote {
  id: string;
  unitPrice: Money;
  total: Money;
  renewsAt: string | null;
}

export interface Subscription {
  id: string;
  status: string;
  seats: { purchased: number; assigned: number; reserved: number; free: number };
}

/** What every act has: the people, where it is seen, and the count of what happened. */
export class Scene {
  moved = 0;
  purchases = 0;
  declined = 0;
  /** What did not go as the story has it. */
  readonly wrong: string[] = [];

  constructor(
    readonly cast: Cast,
    readonly stage: Stage,
    readonly addresses: StackAddresses,
    /** E-mail addresses of the users Alex buys for; with Alex they are those who are moved. */
    readonly users: readonly string[],
  ) {}

  expect(holds: boolean, what: string): void {
    if (holds) return;
    this.wrong.push(what);
    this.stage.say(`! not so: ${what}`);
  }

  /** A card is added, a quote asked for and accepted; resolves when the purchase has ended, one way or the other. */
  async purchase(buyer: ApiClient, token: string, productId: string, quantity: number): Promise<Operation> {
    const card = await buyer.post<{ id: string; brand: string; last4: string }>('/v1/payment-methods', {
      token,
    });
    const quote = await buyer.post<Quote>('/v1/quotes', {
      productId,
      offer: 'purchase',
      quantity,
      term: 'P1M',
    });
    const seats = `${quantity} ${quantity === 1 ? 'seat' : 'seats'} at ${amount(quote.unitPrice)}`;
    const renewal = quote.renewsAt?.slice(0, 10) ?? 'never';
    this.stage.say(
      `quote: ${seats} = ${amount(quote.total)} a month, renews ${renewal}; ${card.brand} ending ${card.last4}`,
    );
    const accepted = await buyer.post<Operation>('/v1/purchases', {
      quoteId: quote.id,
      paymentMethodId: card.id,
    });
    this.stage.say(`202 ${accepted.id} ${accepted.status}`);
    return buyer.ended(accepted);
  }
}
