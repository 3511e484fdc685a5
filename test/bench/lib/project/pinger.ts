/** A second client of Redis, which asks for nothing but an answer, about a thousand times a second. */
import { setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { OpenSide } from '../side-contract.js';

export interface Pings {
  count: number;
  worstMs: number;
  /** Answers that were none, such as BUSY. */
  errors: string[];
}

const PAUSE_MS = 1;
/** Before whoever works: how long Redis takes is asked, not how long this process waits for its turn. */
const PRECEDENCE = -10;

const takePrecedence = (): void => {
  try {
    setPriority(PRECEDENCE);
  } catch {
    // Not everybody may.
  }
};

/** Pings from `prepare` to `run`, which tells of them. */
export const open = async ({ redisUrl }: { redisUrl: string }): Promise<OpenSide<void, Pings>> => {
  takePrecedence();
  const redis = new Redis(redisUrl);
  let goesOn = false;
  let pinging = Promise.resolve();
  let pings: Pings;
  const ping = async (): Promise<void> => {
    while (goesOn) {
      const asked = performance.now();
      await redis.ping().catch((error: unknown) => pings.errors.push(String(error)));
      pings.count += 1;
      pings.worstMs = Math.max(pings.worstMs, performance.now() - asked);
      await delay(PAUSE_MS);
    }
  };
  const end = async (): Promise<void> => {
    goesOn = false;
    await pinging;
  };
  await redis.ping();
  return {
    prepare: async () => {
      pings = { count: 0, worstMs: 0, errors: [] };
      goesOn = true;
      pinging = ping();
    },
    run: async () => {
      await end();
      return pings;
    },
    close: async () => {
      await end();
      redis.disconnect();
    },
  };
};
