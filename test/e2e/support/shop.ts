import { randomUUID } from 'node:crypto';
import type {
  AssignmentOutcomesView,
  ListView,
  OperationView,
  PaymentMethodView,
  QuoteView,
  SubscriptionView,
} from '@commissary/contracts';
import { ended } from './operations.js';
import { adminOf } from './people.js';
import { must, type Person } from './person.js';

const POWER_BI_PRO: string = 'CFQ7TTC0H9MP';

export const PRODUCTS = {
  powerBiPro: POWER_BI_PRO,
  powerBiPremium: 'CFQ7TTC0H6RP',
  powerApps: 'CFQ7TTC0LH2H',
  visioPlan1: 'CFQ7TTC0HD33',
  projectPlan3: 'CFQ7TTC0HDB0',
} as const;

export interface Order {
  productId?: string;
  quantity?: number;
  term?: 'P1M' | 'P1Y';
  card?: string;
}

export interface PurchaseOutcome {
  orderId: string;
  subscriptionId: string;
  licenseId: string | null;
  invoiceId: string | null;
  charged: { amountMinor: number; currency: string };
}

export const addCard = (buyer: Person, token = 'tok_visa'): Promise<PaymentMethodView> =>
  must(201, buyer.post<PaymentMethodView>('/v1/payment-methods', { token }));

export const askQuote = (
  buyer: Person,
  { productId = PRODUCTS.powerBiPro, quantity = 1, term = 'P1M' }: Order = {},
) => buyer.post<QuoteView>('/v1/quotes', { productId, offer: 'purchase', quantity, term });

/** Card, quote, purchase: the accepted operation. */
export const order = async (buyer: Person, what: Order = {}): Promise<OperationView> => {
  const [card, quote] = await Promise.all([addCard(buyer, what.card), must(201, askQuote(buyer, what))]);
  return must(
    202,
    buyer.post<OperationView>('/v1/purchases', { quoteId: quote.id, paymentMethodId: card.id }),
  );
};

export const purchaseOutcome = (operation: OperationView): PurchaseOutcome => {
  if (operation.status !== 'succeeded') {
    throw new Error(`the purchase ended ${operation.status}: ${JSON.stringify(operation.error)}`);
  }
  return operation.result as PurchaseOutcome;
};

/** Card, quote, purchase, to its good end. */
export const buy = async (buyer: Person, what: Order = {}): Promise<PurchaseOutcome> =>
  purchaseOutcome(await ended(buyer, await order(buyer, what)));

export const subscription = (who: Person, id: string): Promise<SubscriptionView> =>
  must(200, who.get<SubscriptionView>(`/v1/subscriptions/${id}`));

/** A central subscription recorded by the tenant's admin. [ADM-6] */
export const central = async (
  quantity: number,
  { domain = 'contoso.example', productId = POWER_BI_PRO, term = 'P1Y' } = {},
): Promise<SubscriptionView> => {
  const admin = await adminOf(domain);
  return must(201, admin.post<SubscriptionView>('/v1/subscriptions', { productId, quantity, term }));
};

/** Outcome of each user, in the order of the request. */
export const assign = async (
  who: Person,
  subscriptionId: string,
  users: readonly string[],
): Promise<string[]> => {
  const { items } = await must(
    200,
    who.post<AssignmentOutcomesView>(`/v1/subscriptions/${subscriptionId}/licenses`, { users }),
  );
  return items.map((item) => item.outcome);
};

/** Every page of a list, or of what follows a cursor. */
export const allOf = async <T>(who: Person, path: string, from: string | null = null): Promise<T[]> => {
  const items: T[] = [];
  let cursor = from;
  do {
    const join = path.includes('?') ? '&' : '?';
    const next = cursor === null ? path : `${path}${join}cursor=${encodeURIComponent(cursor)}`;
    const page: ListView<T> = await must(200, who.get<ListView<T>>(next));
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
};

/** More seats of a subscription: quote and change, the accepted operation. [OWN-2] */
export const addSeats = async (
  buyer: Person,
  subscriptionId: string,
  total: number,
): Promise<OperationView> => {
  const quote = await must(201, askSeatQuote(buyer, subscriptionId, total));
  return must(202, changeSeats(buyer, subscriptionId, { total, quoteId: quote.id }));
};

export const askSeatQuote = (buyer: Person, subscriptionId: string, total: number) =>
  buyer.post<QuoteView>('/v1/quotes', { subscriptionId, total });

export const changeSeats = (who: Person, subscriptionId: string, body: unknown) =>
  who.put<OperationView>(`/v1/subscriptions/${subscriptionId}/seats`, body, {
    'idempotency-key': randomUUID(),
  });

/** A card of the buyer's pays for it from now on. [OWN-4] */
export const payWith = async (buyer: Person, subscriptionId: string, token: string): Promise<void> => {
  const { id: paymentMethodId } = await addCard(buyer, token);
  await must(200, buyer.patch(`/v1/subscriptions/${subscriptionId}`, { paymentMethodId }));
};
