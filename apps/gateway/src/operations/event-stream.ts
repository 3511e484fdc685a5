import { Readable } from 'node:stream';
import { isEnded } from '@commissary/domain';
import type { OperationDocument } from '@commissary/store';
import type { FastifyReply } from 'fastify';
import { operationView } from './operation.view.js';
import type { News } from './operation-watcher.js';

/** Goes off when the client of a reply goes, or has been served. */
export const goneSignal = (reply: FastifyReply): AbortSignal => {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
};

/** The version a client has seen: its `Last-Event-ID`; 0 without one or with none that the operation has had. */
export const seenVersion = (lastEventId: string | undefined, version: number): number => {
  const seen = lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : 0;
  return seen <= version ? seen : 0;
};

/**
 * Server-sent events: `progress` with each new state (id: its version), at last `ended`; comments as signs of life.
 * `seen` is the version the client has already.
 */
export const sendEvents = (reply: FastifyReply, news: AsyncIterable<News>, seen: number): void => {
  void reply.headers({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  void reply.send(Readable.from(eventsOf(news, seen), { objectMode: false }));
};

async function* eventsOf(news: AsyncIterable<News>, seen: number): AsyncGenerator<string> {
  yield 'retry: 1000\n\n';
  for await (const operation of news) {
    if (operation === null) {
      yield ': still here\n\n';
      continue;
    }
    if (operation.version > seen) yield eventOf('progress', operation);
    if (isEnded(operation.status)) yield eventOf('ended', operation);
  }
}

const eventOf = (event: 'progress' | 'ended', operation: OperationDocument): string =>
  `id: ${operation.version}\nevent: ${event}\ndata: ${JSON.stringify(operationView(operation))}\n\n`;
