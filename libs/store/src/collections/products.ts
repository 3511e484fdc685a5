import { CHANNELS, type Opening, type Price, type Product, TERMS, type Trial } from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { nullable, object, oneOf, optional, required } from '../schema/fields.js';

export type ProductDocument = Omit<Product, 'productId'> & { _id: string };

export const products = defineCollection<ProductDocument>('products', {
  owner: 'platform',
  retention: null,
  fields: {
    _id: required(String),
    productName: required(String),
    service: required(String),
    family: required(String),
    excludedMarkets: required([String]),
    trial: nullable(
      object<Trial>({ days: required(Number), seats: required(Number), cardless: required(Boolean) }),
    ),
    opens: required([object<Opening>({ market: required(String), from: required(String) })]),
    prices: required([
      object<Price>({
        channel: required(oneOf(CHANNELS)),
        market: required(String),
        term: required(oneOf(TERMS)),
        currency: required(String),
        unitAmountMinor: required(Number),
        from: required(String),
        until: optional(String),
      }),
    ]),
    trainingUrl: required(String),
  },
  indexes: [],
});
