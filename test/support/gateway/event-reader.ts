import { fetch } from '@commissary/stack/http';
import { createParser } from 'eventsource-parser';
import type { OperationView } from '@commissary/contracts';

export interface OperationEvent {
  id: number;
  event: string;
  operation: OperationView;
}

/** A client of an event stream, as a browser would be one. */
export class EventReader {
  readonly events: OperationEvent[] = [];
  /** Comments, which browsers do not show. */
  comments = 0;
  private readonly leaving = new AbortController();
  private ended = false;
  private news: (() => void) | null = null;

  static async open(url: string, token: string, lastEventId?: number | string): Promise<EventReader> {
    const reader = new EventReader();
    const response = await fetch(url, {
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'text/event-stream',
        ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }),
      },
      signal: reader.leaving.signal,
    });
    const type = response.headers.get('content-type') ?? '';
    if (!response.body || !type.startsWith('text/event-stream'))
      throw new Error(`${response.status} ${type}`);
    void reader.follow(response.body);
    return reader;
  }

  /** Whether the server has closed the stream, or the client has left. */
  get isOver(): boolean {
    return this.ended;
  }

  /** Resolves once `wanted` is true of the events so far, or the stream has ended. */
  async until(wanted: (events: OperationEvent[]) => boolean): Promise<OperationEvent[]> {
    while (!wanted(this.events) && !this.ended) {
      await new Promise<void>((resolve) => (this.news = resolve));
    }
    return this.events;
  }

  /** All events, once the server has closed the stream. */
  all(): Promise<OperationEvent[]> {
    return this.until(() => false);
  }

  leave(): void {
    this.leaving.abort();
  }

  private async follow(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    const parser = createParser({
      onEvent: ({ id, event, data }) =>
        this.events.push({
          id: Number(id),
          event: event ?? '',
          operation: JSON.parse(data) as OperationView,
        }),
      onComment: () => (this.comments += 1),
    });
    try {
      for await (const chunk of body) {
        parser.feed(decoder.decode(chunk, { stream: true }));
        this.news?.();
      }
    } catch {
      // The client has left, or the server broke off.
    }
    this.ended = true;
    this.news?.();
  }
}
