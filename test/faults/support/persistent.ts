import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Person } from '../../e2e/support/person.js';

const AGAIN_AFTER_MS = 200;

/** Of a client that does not give up: the same key again until the gateway has answered for good. */
export const persist = async <T>(
  who: Person,
  path: string,
  body: unknown,
  { key = randomUUID(), withinMs = 60_000 }: { key?: string; withinMs?: number } = {},
): Promise<Answer<T>> => {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await who.post<T>(path, body, { 'idempotency-key': key }).catch((error: unknown) => {
      // `fetch` says TypeError for a connection that was refused or broke; anything else is a finding.
      if (error instanceof TypeError && performance.now() < deadline) return null;
      throw error;
    });
    if (answer !== null && answer.status !== 503) return answer;
    if (performance.now() > deadline) throw new Error(`no answer within ${withinMs / 1000} s: POST ${path}`);
    await delay(AGAIN_AFTER_MS);
  }
};
