import type { OperationView, QuoteView } from '@commissary/contracts';
import { newcomer } from '../../e2e/support/people.js';
import { must, type Person } from '../../e2e/support/person.js';
import { addCard, PRODUCTS } from '../../e2e/support/shop.js';
import type { SeededRandom } from '../../support/seeded-random.js';
import { persist } from './persistent.js';

/** What a purchase has to come to, however often its worker dies and whatever the provider does meanwhile. */
export type PurchaseEnd =
  'paid' | 'free' | 'card_declined' | 'insufficient_funds' | 'authentication_required';

export interface MixedPurchase {
  buyer: Person;
  quote: QuoteView;
  body: { quoteId: string; paymentMethodId?: string };
  end: PurchaseEnd;
}

export interface AcceptedPurchase extends MixedPurchase {
  operationId: string;
}

interface Kind {
  offer: 'purchase' | 'trial';
  card: string | null;
  end: PurchaseEnd;
  /** How many of each twenty. */
  share: number;
}

const KINDS: readonly Kind[] = [
  { offer: 'purchase', card: 'tok_visa', end: 'paid', share: 4 },
  { offer: 'purchase', card: 'tok_mastercard', end: 'paid', share: 2 },
  { offer: 'purchase', card: 'tok_timeoutThenOk', end: 'paid', share: 3 },
  { offer: 'purchase', card: 'tok_unavailableThenOk', end: 'paid', share: 3 },
  { offer: 'purchase', card: 'tok_chargeDeclined', end: 'card_declined', share: 2 },
  { offer: 'purchase', card: 'tok_insufficientFunds', end: 'insufficient_funds', share: 2 },
  { offer: 'purchase', card: 'tok_sca', end: 'authentication_required', share: 1 },
  { offer: 'trial', card: null, end: 'free', share: 2 },
  { offer: 'trial', card: 'tok_visa', end: 'free', share: 1 },
];
const TWENTY = KINDS.flatMap((kind) => Array.from({ length: kind.share }, () => kind));

/** Of several currencies. */
const DOMAINS = ['contoso.example', 'litware.example', 'relecloud-org.example'] as const;

/** The n-th purchase of a buyer is of the n-th product, for a trial is had once. */
const CARDLESS = [PRODUCTS.powerBiPro, PRODUCTS.powerBiPremium, PRODUCTS.powerApps, 'CFQ7TTC0LH3L'] as const;
const CARDED = [PRODUCTS.visioPlan1, PRODUCTS.projectPlan3, 'CFQ7TTC0HD32', 'CFQ7TTC0HDB1'] as const;
const EACH_BUYS = CARDLESS.length;
/** Buyers who are made ready at once: a gateway that is asked for all at once would turn some away. */
const AT_ONCE = 25;

const wishOf = (kind: Kind, nth: number, random: SeededRandom) => {
  const products = kind.offer === 'trial' && kind.card !== null ? CARDED : CARDLESS;
  const productId = products[nth] ?? PRODUCTS.powerBiPro;
  return kind.offer === 'trial'
    ? { productId, offer: kind.offer, quantity: random.int(1, 25) }
    : { productId, offer: kind.offer, quantity: random.int(1, 9), term: random.pick(['P1M', 'P1Y']) };
};

const prepareOne = async (
  buyer: Person,
  kind: Kind,
  wish: ReturnType<typeof wishOf>,
): Promise<MixedPurchase> => {
  const [card, quote] = await Promise.all([
    kind.card === null ? null : addCard(buyer, kind.card),
    must(201, buyer.post<QuoteView>('/v1/quotes', wish)),
  ]);
  const body = { quoteId: quote.id, ...(card && { paymentMethodId: card.id }) };
  return { buyer, quote, body, end: kind.end };
};

/** Buyers, cards that do all that cards can do, and quotes: purchases and trials, with a card and without. */
export const mixedPurchases = async (count: number, random: SeededRandom): Promise<MixedPurchase[]> => {
  const kinds = random.shuffled(Array.from({ length: count }, (_, i) => TWENTY[i % TWENTY.length]!));
  const wishes = kinds.map((kind, i) => wishOf(kind, i % EACH_BUYS, random));
  const prepared: MixedPurchase[] = [];
  for (let first = 0; first < count; first += AT_ONCE * EACH_BUYS) {
    const these = kinds.slice(first, first + AT_ONCE * EACH_BUYS);
    const buyers = await Promise.all(
      Array.from({ length: Math.ceil(these.length / EACH_BUYS) }, (_, i) =>
        newcomer({ domain: DOMAINS[i % DOMAINS.length]! }),
      ),
    );
    const made = these.map((kind, i) =>
      prepareOne(buyers[Math.floor(i / EACH_BUYS)]!, kind, wishes[first + i]!),
    );
    prepared.push(...(await Promise.all(made)));
  }
  return prepared;
};

export const accept = async (purchase: MixedPurchase): Promise<AcceptedPurchase> => {
  const { buyer, body } = purchase;
  const { id } = await must(202, persist<OperationView>(buyer, '/v1/purchases', body));
  return { ...purchase, operationId: id };
};
