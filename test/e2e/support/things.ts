import type { InvoiceView, SubscriptionView } from '@commissary/contracts';
import { order, purchaseOutcome, addCard, askQuote, assign, buy, central } from './shop.js';
import { ended } from './operations.js';
import { adminOf, newcomer, newUser, type NewcomerOptions } from './people.js';
import { must, type Person } from './person.js';

/** One of each in a tenant: ids by the names the table of routes uses. */
export interface Things {
  domain: string;
  owner: Person;
  /** The owner's id. */
  buyer: string;
  /** An account that nothing else refers to. */
  user: string;
  /** Self-service, bought by `owner`; `holder` has one of its seats. */
  sub: string;
  holder: string;
  central: string;
  op: string;
  invoice: string;
  card: string;
  quote: string;
  product: string;
  /** Of the policy: how it was before anybody changed it. */
  version: string;
}

const THREE = 3;

export const thingsIn = async (
  domain: string,
  { displayName = 'Owner' }: NewcomerOptions = {},
): Promise<Things> => {
  const owner = await newcomer({ domain, displayName });
  const [holder, user, centralOne] = await Promise.all([
    newUser({ domain }),
    newUser({ domain }),
    central(50, { domain }),
  ]);
  const operation = await ended(owner, await order(owner, { quantity: THREE }));
  const bought = purchaseOutcome(operation);
  await assign(owner, bought.subscriptionId, [holder.id]);
  const [card, quote] = await Promise.all([addCard(owner), must(201, askQuote(owner))]);
  return {
    domain,
    owner,
    buyer: owner.userId,
    user: user.id,
    sub: bought.subscriptionId,
    holder: holder.id,
    central: centralOne.id,
    op: operation.id,
    invoice: bought.invoiceId ?? '',
    card: card.id,
    quote: quote.id,
    product: centralOne.productId,
    version: '0',
  };
};

/** A thing of the same kind that may be used up, bought and made by the same people. */
export const another: Partial<Record<keyof Things, (things: Things) => Promise<Partial<Things>>>> = {
  user: async ({ domain }) => ({ user: (await newUser({ domain })).id }),
  card: async ({ owner }) => ({ card: (await addCard(owner)).id }),
  quote: async ({ owner }) => ({
    quote: (await must(201, askQuote(owner))).id,
    card: (await addCard(owner)).id,
  }),
  // None of its seats is in use: its owner has a license of the product already.
  sub: async ({ owner }) => ({ sub: (await buy(owner, { quantity: 2 })).subscriptionId }),
  central: async ({ domain }) => ({ central: (await central(50, { domain })).id }),
  holder: async ({ domain, owner, sub }) => {
    const { id } = await newUser({ domain });
    await assign(owner, sub, [id]);
    return { holder: id };
  },
};

/** All of a tenant's things as its own admin reads them: what must not have changed. */
export const snapshotOf = async ({
  domain,
  sub,
  central: centralId,
  invoice,
  owner,
}: Things): Promise<unknown[]> => {
  const admin = await adminOf(domain);
  return Promise.all([
    must(200, admin.get<SubscriptionView>(`/v1/subscriptions/${sub}`)),
    must(200, admin.get<SubscriptionView>(`/v1/subscriptions/${centralId}`)),
    must(200, admin.get(`/v1/subscriptions/${sub}/licenses`)),
    must(200, admin.get(`/v1/subscriptions/${sub}/orders`)),
    must(200, admin.get<InvoiceView>(`/v1/invoices/${invoice}`)),
    must(200, admin.get('/v1/operations')),
    must(200, admin.get('/v1/users')),
    must(200, admin.get('/v1/audit')),
    must(200, owner.get('/v1/payment-methods')),
  ]);
};
