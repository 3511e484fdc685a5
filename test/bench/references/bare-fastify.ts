/**
 * The floor of an accepted purchase: bare Fastify, its ajv for body and headers, the same documents in one transaction, the
 * same job on the queue. No sign-in, no rules, no reads, no logs.
 */
import { createHash } from 'node:crypto';
import { Queue } from 'bullmq';
import fastify, { type FastifyRequest } from 'fastify';
import { Redis } from 'ioredis';
import { newId } from '@commissary/platform';
import { queuePrefix } from '@commissary/queue';
import {
  type AuditDocument,
  Database,
  fingerprintOf,
  type OperationOf,
  OperationsRepository,
  type UserDocument,
} from '@commissary/store';
import type { GatewaySettings } from '../lib/project/gateway.js';
import { type ServerState, usedSoFar } from '../lib/server-state.js';
import type { OpenSide } from '../lib/side-contract.js';
import { type Collections, collectionsOf } from '../../support/driver.js';

interface PurchaseBody {
  quoteId: string;
  paymentMethodId: string;
}

const id = { type: 'string', minLength: 1, maxLength: 100 };
const SCHEMA = {
  body: {
    type: 'object',
    required: ['quoteId', 'paymentMethodId'],
    additionalProperties: false,
    properties: { quoteId: id, paymentMethodId: id },
  },
  headers: {
    type: 'object',
    required: ['idempotency-key', 'authorization'],
    properties: { 'idempotency-key': { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' } },
  },
};
const KEPT = { removeOnComplete: { count: 1_000 }, removeOnFail: { count: 1_000 }, attempts: 1 };

const operationOf = (user: UserDocument, body: PurchaseBody, ip: string): OperationOf<'purchase'> =>
  OperationsRepository.newDocument(
    {
      id: newId('op'),
      tenantId: user.tenantId,
      type: 'purchase',
      subscriptionId: null,
      request: {
        quoteId: body.quoteId,
        paymentMethodId: body.paymentMethodId,
        orderId: newId('ord'),
        paymentId: newId('pay'),
        subscriptionId: newId('sub'),
      },
      requestedBy: { userId: user._id, displayName: user.displayName, tenantId: user.tenantId },
      origin: { ip, requestId: newId('req') },
      total: 1,
    },
    new Date(),
  );

const viewOf = (operation: OperationOf<'purchase'>) => ({
  id: operation._id,
  type: operation.type,
  status: operation.status,
  subscriptionId: null,
  requestedBy: {
    userId: operation.requestedBy.userId,
    displayName: operation.requestedBy.displayName,
  },
  progress: { total: 1, done: 0, skipped: 0, failed: 0, pending: 1, ratePerSecond: null, secondsLeft: null },
  result: null,
  error: null,
  createdAt: operation.createdAt.toISOString(),
  startedAt: null,
  endedAt: null,
});

const auditOf = ({
  _id,
  type,
  tenantId,
  request,
  requestedBy,
  origin,
  createdAt,
}: OperationOf<'purchase'>): AuditDocument => ({
  _id: newId('aud'),
  tenantId,
  actor: requestedBy,
  action: 'operation.accepted',
  subject: { type: 'operation', id: _id },
  before: null,
  after: { type, subscriptionId: null, request },
  ...origin,
  operationId: _id,
  at: createdAt,
});

const recordIdOf = (user: UserDocument, request: FastifyRequest): string => {
  const scope = [user.tenantId, user._id, request.method, request.url, request.headers['idempotency-key']];
  return createHash('sha256').update(scope.join('\n')).digest('base64url');
};

/** Throws if the quote or the card is not the caller's, or the quote is taken. */
const accept = async (
  { collections, transaction }: { collections: Collections; transaction: Database['transaction'] },
  user: UserDocument,
  request: FastifyRequest<{ Body: PurchaseBody }>,
): Promise<OperationOf<'purchase'>> => {
  const operation = operationOf(user, request.body, request.ip);
  const { _id: operationId, tenantId, createdAt } = operation;
  const owner = { tenantId, userId: user._id };
  await transaction(async (session) => {
    const options = { session };
    const quote = await collections.quotes.updateOne(
      { _id: request.body.quoteId, ...owner, operationId: null, expiresAt: { $gt: createdAt } },
      { $set: { operationId } },
      options,
    );
    const card = await collections.paymentMethods.updateOne(
      { _id: request.body.paymentMethodId, ...owner, removedAt: null },
      { $set: { usedAt: createdAt } },
      options,
    );
    if (quote.matchedCount + card.matchedCount !== 2) throw new Error('no such quote or card');
    await collections.operations.insertOne(operation, options);
    await collections.audit.insertOne(auditOf(operation), options);
    await collections.idempotency.insertOne(
      {
        _id: recordIdOf(user, request),
        tenantId,
        fingerprint: fingerprintOf(request.body),
        subjectId: operationId,
        status: 202,
        body: viewOf(operation),
        location: `/v1/operations/${operationId}`,
        createdAt,
      },
      options,
    );
  });
  return operation;
};

export const open = async (settings: GatewaySettings): Promise<OpenSide<void, ServerState>> => {
  const database = await Database.connect({ uri: settings.mongodbUri, appName: 'bench-reference' });
  const store = {
    collections: collectionsOf(database),
    transaction: database.transaction.bind(database),
  };
  const connection = new Redis(settings.redisUrl);
  const queue = new Queue('purchases', {
    connection,
    prefix: queuePrefix(settings.queuePrefix, 'purchases'),
    skipVersionCheck: true,
  });
  const callers = new Map(settings.callers.map((user) => [`Bearer ${user._id}`, user]));
  const app = fastify();
  app.post<{ Body: PurchaseBody }>('/v1/purchases', { schema: SCHEMA }, async (request, reply) => {
    const user = callers.get(request.headers.authorization ?? '');
    if (!user) return reply.code(401).send();
    const operation = await accept(store, user, request);
    const data = { v: 1, operationId: operation._id, tenantId: operation.tenantId };
    await queue.add('purchase.run', data, { ...KEPT, jobId: `${operation._id}-0` });
    return reply.code(202).header('location', `/v1/operations/${operation._id}`).send(viewOf(operation));
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    run: async () => ({ url, cpuSeconds: usedSoFar() }),
    close: async () => {
      await app.close();
      await queue.close();
      connection.disconnect();
      await database.close();
    },
  };
};
