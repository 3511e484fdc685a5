/** What each test card does. Tokens are API.md's. */
import type { CardToken, DeclineCode, DeclineReason } from './contract.js';
import { CARD_TOKENS } from './contract.js';

interface Card {
  brand: 'visa' | 'mastercard';
  last4: string;
  decline?: { code: DeclineCode; reason: DeclineReason };
  /** Refused already when added. */
  expired?: true;
  /** The answer to the payment method's first charge is lost. */
  firstAnswerLost?: true;
  /** So many requests to charge are answered 503 before one is served. */
  unavailableTimes?: number;
}

const CARDS: Record<CardToken, Card> = {
  tok_visa: { brand: 'visa', last4: '4242' },
  tok_mastercard: { brand: 'mastercard', last4: '4444' },
  tok_chargeDeclined: { brand: 'visa', last4: '0341', decline: { code: 'hard', reason: 'card_declined' } },
  tok_insufficientFunds: {
    brand: 'visa',
    last4: '9995',
    decline: { code: 'soft', reason: 'insufficient_funds' },
  },
  tok_expired: { brand: 'visa', last4: '0069', expired: true },
  tok_timeoutThenOk: { brand: 'mastercard', last4: '8210', firstAnswerLost: true },
  tok_unavailableThenOk: { brand: 'mastercard', last4: '5100', unavailableTimes: 2 },
  tok_sca: { brand: 'visa', last4: '3155', decline: { code: 'soft', reason: 'authentication_required' } },
};

const isCardToken = (token: string): token is CardToken => (CARD_TOKENS as readonly string[]).includes(token);

export const cardOf = (token: string): Card | undefined => (isCardToken(token) ? CARDS[token] : undefined);
