import type { OrderDocument } from '@commissary/store';

/** What is looked at of an order, to be read with. */
export const ORDER_FIELDS = [
  'kind',
  'status',
  'total',
  'quantity',
  'operationId',
  'subscriptionId',
] as const satisfies (keyof OrderDocument)[];
export type ChargedOrder = Pick<OrderDocument, '_id' | (typeof ORDER_FIELDS)[number]>;
