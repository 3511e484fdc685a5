import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** What `look` finds, as soon as it is not undefined; for things outside that nobody tells of. */
export const eventually = async <T>(
  what: string,
  look: () => Promise<T | undefined>,
  withinMs = 60_000,
): Promise<T> => {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await delay(POLL_MS);
  }
};
