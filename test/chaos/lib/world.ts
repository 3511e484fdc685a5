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
  /** A billing admin who asks for some of the take-overs, and is disabled now and then. */
  deputy: Member;
  /** Members who buy. */
  buyers: Member[];
  /** The ids of those buyers who may be deleted. */
  mortal: Set<string>;
  /** The ids of members who are given seats and never buy. */
  holders: string[];
  /** The ids of further holders, whom several requests may name at the same time. */
  rivals: string[];
  bought: Bought[];
  central: Central[];
  /** The ids of subscriptions whose move or cancellation was asked for. */
  taken: Set<string>;
  /** The ids of holders whom an unanswered request names. */
  lent: Set<string>;
  /** Creates a member. */
  join: (as: 'buyer' | 'holder') => Promise<Member>;
}

/** Everything that an action of an actor needs. */
export interface Acting {
  tenant: Tenant;
  random: SeededRandom;
  model: Model;
  /** Follows an accepted operation to its end in the background. */
  watch: (work: Promise<void>) => void;
  done: Record<string, number>;
  terms: Terms;
}

/** Two products of one family, which are sold to every tenant of a run. */
export const PRODUCTS = ['CFQ7TTC0H9MP', 'CFQ7TTC0LH2H'] as const;

/** Subscriptions that were bought and not taken over, if asked for only those whose purchaser is not deleted. */
export const living = ({ tenant, model }: Acting, needsPurchaser = false): Bought[] =>
  tenant.bought.filter(
    ({ id, purchaser }) =>
      !tenant.taken.has(id) && !(needsPurchaser && model.people.get(purchaser.id) === 'deleted'),
  );
