/** A card at Stripe is a PaymentMethod of a Customer of its own; to charge it later takes both names. */
export interface StripeMethod {
  customer: string;
  paymentMethod: string;
}

/** `cus_...:pm_...`: what is kept as `providerMethodId`. Neither is a secret: without the key they open nothing. */
export const encodeMethod = ({ customer, paymentMethod }: StripeMethod): string =>
  `${customer}:${paymentMethod}`;

const ENCODED = /^(?<customer>cus_\w+):(?<paymentMethod>pm_\w+)$/;

/** Undefined for another provider's name: the settings were changed with cards in the database. */
export const decodeMethod = (providerMethodId: string): StripeMethod | undefined => {
  const { customer, paymentMethod } = ENCODED.exec(providerMethodId)?.groups ?? {};
  return customer === undefined || paymentMethod === undefined ? undefined : { customer, paymentMethod };
};
