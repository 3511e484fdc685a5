import type { SeededRandom } from '../../support/seeded-random.js';
import type { Client } from './client.js';
import type { Model } from './model.js';

export interface Member {
  id: string;
  email: string;
  client: Client;
}

/** A subscription that a member bought, and who was asked to have its seats. */
export interface Bought {
  id: string;
  productId: string;
  purchaser: Member;
  quantity: number;
}

export interface Tenant {
  domain: string;
  admin: Member;
  /** They buy. */
  buyers: Member[];
  /** They are given seats; they never buy. Ids of users. */
  holders: string[];
  bought: Bought[];
  /** Being moved or cancelled, or that already. */
  taken: Set<string>;
}

/** Everything an actor needs. */
export interface Acting {
  tenant: Tenant;
  random: SeededRandom;
  model: Model;
  /** Watches an accepted operation to its end in the background. */
  watch: (work: Promise<void>) => void;
  done: Record<string, number>;
}

/** Same family of products, sold to every tenant of the chaos. */
export const PRODUCTS = ['CFQ7TTC0H9MP', 'CFQ7TTC0LH2H'] as const;
