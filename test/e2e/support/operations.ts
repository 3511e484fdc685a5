import { isEnded } from '@commissary/domain';
import type { OperationView } from '@commissary/contracts';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { must, type Person } from './person.js';

/** The operation once it has ended, awaited by `?wait=`. */
export const ended = async (
  who: Person,
  { id }: { id: string },
  withinMs = 60_000,
): Promise<OperationView> => {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seconds = Math.max(0, Math.min(30, (deadline - performance.now()) / 1000));
    const operation = await must(
      200,
      who.get<OperationView>(`/v1/operations/${id}?wait=${seconds.toFixed(2)}`),
    );
    if (isEnded(operation.status)) return operation;
    if (performance.now() >= deadline) {
      throw new Error(`not ended within ${withinMs / 1000} s: ${JSON.stringify(operation)}`);
    }
  }
};

/** The operation once it has ended well. */
export const succeeded = async (who: Person, operation: { id: string }): Promise<OperationView> => {
  const end = await ended(who, operation);
  if (end.status !== 'succeeded')
    throw new Error(`${end.type} ended ${end.status}: ${JSON.stringify(end.error)}`);
  return end;
};

export interface ServerEvent {
  id: string;
  event: string;
  operation: OperationView;
}

/** The server-sent events of an operation, to the end of the stream or until the reader leaves. */
export async function* eventsOf(
  who: Person,
  operationId: string,
  lastEventId?: string,
): AsyncGenerator<ServerEvent> {
  const leaving = new AbortController();
  const response = await who.fetch(`/v1/operations/${operationId}/events`, {
    signal: leaving.signal,
    headers: {
      accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
  });
  if (!response.ok || !response.body) throw new Error(`the event stream answered ${response.status}`);
  if (!response.headers.get('content-type')?.startsWith('text/event-stream'))
    throw new Error('no event stream');
  const events = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  try {
    for await (const { id, event, data } of events) {
      yield { id: id ?? '', event: event ?? 'message', operation: JSON.parse(data) as OperationView };
    }
  } finally {
    leaving.abort();
  }
}
