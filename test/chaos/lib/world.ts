import type { SeededRandom } from '../../support/seeded-random.js';
import type { Client } from './client.js';
import type { Model } from './model.js';
import type { Terms } from './terms.js';

export interface Member {
  id: string;
  email: string;
  client: Client;
}

/** A subscription that a member bought. */
export interface Bought {
  id: string;
  productId: string;
  purchaser: Member;
  isTrial: boolean;
}

/** A subscription that the tenant bought by contract; moves go there, and admins assign its seats. */
export interface Central {
  id: string;
  productId: string;
}

export interface Tenant {
  domain: string;
  admin: Member;
  /** A billing admin, who asks for take-overs as well, and loses the right to now and then. */
  deputy: Member;
  /** They buy. */
  buyers: Member[];
  /** Of the buyers, those who may be deleted. */
  mortal: Set<string>;
  /** They are given seats; they never buy. Ids of users. */
  holders: string[];
  /** As holders, but asked for by several at the same time. */
  rivals: string[];
  bought: Bought[];
  central: Central[];
  /** Being moved or cancelled, or that already. */
  taken: Set<string>;
  /** Holders whom a request in flight names. */
  lent: Set<string>;
  /** A member who is new in the directory. */
  join: (as: 'buyer' | 'holder') => Promise<Member>;
}

/** Everything an actor needs. */
export interface Acting {
  tenant: Tenant;
  random: SeededRandom;
  model: Model;
  /** Watches an accepted operation to its end in the background. */
  watch: (work: Promise<void>) => void;
  done: Record<string, number>;
  terms: Terms;
}

/** Same family of products, sold to every tenant of the chaos. */
export const PRODUCTS = ['CFQ7TTC0H9MP', 'CFQ7TTC0LH2H'] as const;

/** Bought, not taken over, and its purchaser can still ask for something. */
export const living = ({ tenant, model }: Acting, needsPurchaser = false): Bought[] =>
  tenant.bought.filter(
    ({ id, purchaser }) =>
      !tenant.taken.has(id) && !(needsPurchaser && model.people.get(purchaser.id) === 'deleted'),
  );
