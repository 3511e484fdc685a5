import { BadSettingError, type GatewayEnv } from '@commissary/platform';
import type { PaymentProvider } from './payment-provider.js';
import { SimulatorClient } from './simulator-client.js';
import { StripeProvider } from './stripe-provider.js';

type Settings = Pick<GatewayEnv, 'PAYMENTS'> &
  Partial<Pick<GatewayEnv, 'PAYMENTS_URL' | 'STRIPE_SECRET_KEY' | 'STRIPE_API_URL'>>;

/** The provider the settings name. Throws `BadSettingError`. [EXT-6] */
export const createPaymentProvider = (
  env: Settings,
  options: { timeoutMs?: number } = {},
): PaymentProvider => {
  if (env.PAYMENTS === 'stripe') {
    return new StripeProvider({
      secretKey: needed(env.STRIPE_SECRET_KEY, 'STRIPE_SECRET_KEY', 'PAYMENTS=stripe needs its secret key'),
      apiUrl: env.STRIPE_API_URL,
      ...options,
    });
  }
  const baseUrl = needed(env.PAYMENTS_URL, 'PAYMENTS_URL', 'PAYMENTS=simulator needs its URL');
  return new SimulatorClient({ baseUrl, ...options });
};

const needed = (value: string | undefined, name: string, why: string): string => {
  if (value === undefined) throw new BadSettingError(`Bad settings. ${name}: is not set; ${why}.`);
  return value;
};
