/** The provider over HTTP, as `contract.ts` has it. */
import type { z } from 'zod';
import type { JsonRequest, Reply, Route } from '../http/json-server.js';
import {
  addPaymentMethodRequest,
  createChargeRequest,
  createRefundRequest,
  faultsRequest,
} from './contract.js';
import type { Answered, Provider } from './provider.js';
import { providerError } from './provider-error.js';

const MAX_PAGE = 1000;
const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

const parse = <T>(schema: z.ZodType<T>, body: unknown): T => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw providerError(400, 'invalid_request', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
};

const keyOf = (request: JsonRequest): string => {
  const key = request.headers['idempotency-key'];
  if (key === undefined)
    throw providerError(400, 'idempotency_key_missing', 'the header Idempotency-Key is missing');
  if (typeof key !== 'string' || !VISIBLE_ASCII.test(key)) {
    throw providerError(400, 'invalid_request', 'Idempotency-Key: 1-255 visible ASCII characters');
  }
  return key;
};

const limitOf = (query: URLSearchParams): number => {
  const limit = Number(query.get('limit') ?? MAX_PAGE);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE) return limit;
  throw providerError(400, 'invalid_request', `limit: 1-${MAX_PAGE}`);
};

const ok = (body: unknown): Reply => ({ status: 200, body });
const replyTo = <T>(answered: Answered<T>): Reply =>
  typeof answered === 'string' ? answered : ok(answered.answer);

const methodRoutes = (provider: Provider): Route[] => [
  {
    method: 'POST',
    path: '/payment-methods',
    handle: async ({ body }) =>
      ok(await provider.addPaymentMethod(parse(addPaymentMethodRequest, body).token)),
  },
  {
    method: 'GET',
    path: '/payment-methods/{id}',
    handle: async ({ params }) => ok(await provider.paymentMethod(params['id'] ?? '')),
  },
];

const chargeRoutes = (provider: Provider): Route[] => [
  {
    method: 'POST',
    path: '/charges',
    handle: async (request) =>
      replyTo(await provider.charge(keyOf(request), parse(createChargeRequest, request.body))),
  },
  {
    method: 'GET',
    path: '/charges',
    handle: async ({ query }) => {
      const filter = {
        orderId: query.get('orderId'),
        idempotencyKey: query.get('idempotencyKey'),
        after: query.get('after'),
      };
      return ok(await provider.charges(filter, limitOf(query)));
    },
  },
  {
    method: 'POST',
    path: '/refunds',
    handle: async (request) =>
      ok(await provider.refund(keyOf(request), parse(createRefundRequest, request.body))),
  },
  {
    method: 'GET',
    path: '/refunds',
    handle: async ({ query }) =>
      ok({ items: await provider.refunds(query.get('chargeId'), query.get('idempotencyKey')) }),
  },
];

export const paymentRoutes = (provider: Provider): Route[] => [
  ...methodRoutes(provider),
  ...chargeRoutes(provider),
  {
    method: 'PUT',
    path: '/faults',
    handle: ({ body }) => {
      provider.faults.set(parse(faultsRequest, body));
      return ok(provider.faults.current());
    },
  },
  { method: 'GET', path: '/faults', handle: () => ok(provider.faults.current()) },
  { method: 'GET', path: '/healthz', handle: () => ok({ status: 'ok' }) },
];
