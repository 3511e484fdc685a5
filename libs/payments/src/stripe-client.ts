import Stripe from 'stripe';

export interface StripeOptions {
  /** `STRIPE_SECRET_KEY` */
  secretKey: string;
  /** `STRIPE_API_URL`, of a stand-in for Stripe's own; tests alone. */
  apiUrl?: string | undefined;
  /** After which a call counts as unanswered, ms; 5 s unless given. */
  timeoutMs?: number | undefined;
}

/** What requests ask for and answers are read as. Raised by hand, with the package, the recorded answers and stripe-mock. */
export const STRIPE_API_VERSION = '2026-10-28.endive';

const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * Repeats nothing by itself: what is asked again, and when, is decided by who asked. The client over `fetch` is taken, for its
 * timeout covers the whole call (Node's own begins anew with every byte), and it does not repeat a request whose connection broke.
 */
export const createStripe = ({ secretKey, apiUrl, timeoutMs = DEFAULT_TIMEOUT_MS }: StripeOptions): Stripe =>
  new Stripe(secretKey, {
    apiVersion: STRIPE_API_VERSION,
    maxNetworkRetries: 0,
    timeout: timeoutMs,
    telemetry: false,
    emitEventBodies: false,
    httpClient: Stripe.createFetchHttpClient((url, init) => fetch(url, { ...init, redirect: 'error' })),
    ...(apiUrl !== undefined && addressOf(new URL(apiUrl))),
  });

const addressOf = ({ hostname, port, protocol }: URL) => {
  const https = protocol === 'https:';
  return {
    host: hostname,
    port: port || (https ? 443 : 80),
    protocol: https ? ('https' as const) : ('http' as const),
  };
};
