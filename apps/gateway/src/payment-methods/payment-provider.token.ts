/** Injection token of the `PaymentProvider` that the settings name. */
export const PAYMENT_PROVIDER = Symbol('PaymentProvider');
