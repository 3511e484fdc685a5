import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSimulator } from '@commissary/stack/payments';

export interface PaymentSimulator {
  url: string;
  /** Stops it and removes its books. */
  stop(): Promise<void>;
}

/**
 * The embedded stack's payment simulator in this very process, for the calling test file alone: the same code over the same HTTP,
 * without the three processes that a stack of one part would be.
 */
export async function startPaymentSimulator(): Promise<PaymentSimulator> {
  const folder = await mkdtemp(path.join(tmpdir(), 'commissary-payments-'));
  const { url, stop } = await startSimulator(path.join(folder, 'payments.journal'), 0, '127.0.0.1');
  return {
    url,
    stop: async () => {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
}
