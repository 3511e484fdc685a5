import { BadSettingError, type GatewayEnv } from '@commissary/platform';
import type { PaymentProvider } from './payment-provider.js';
import { SimulatorClient } from './simulator-client.js';

type Settings = Pick<GatewayEnv, 'PAYMENTS' | 'PAYMENTS_URL'>;

/** The provider the settings name. Throws `BadSettingError`. [EXT-6] */
export const createPaymentProvider = (
  env: Settings,
  options: { timeoutMs?: number } = {},
): PaymentProvider => {
  if (env.PAYMENTS === 'stripe') {
    throw new BadSettingError('Bad settings. PAYMENTS: stripe is not in this version; use simulator.');
  }
  if (env.PAYMENTS_URL === undefined) {
    throw new BadSettingError('Bad settings. PAYMENTS_URL: is not set; PAYMENTS=simulator needs its URL.');
  }
  return new SimulatorClient({ baseUrl: env.PAYMENTS_URL, ...options });
};
