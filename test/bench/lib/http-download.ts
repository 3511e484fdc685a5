import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export interface Download {
  bytes: number;
  seconds: number;
  /** From the request to the first byte of the body, ms. */
  firstByteMs: number;
  /** Null unless asked for. */
  sha256: string | null;
}

export interface DownloadOptions {
  /** Stands still for so long once the first bytes are there, ms. */
  pauseMs?: number;
  hashed?: boolean;
}

/** Reads a whole answer, which must be 200, and lets go of it at once. */
export const download = async (
  url: string,
  headers: Record<string, string>,
  { pauseMs = 0, hashed = false }: DownloadOptions = {},
): Promise<Download> => {
  const began = performance.now();
  const [answer] = (await once(get(url, { headers, agent: false }), 'response')) as [IncomingMessage];
  if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode}`);
  const hash = hashed ? createHash('sha256') : null;
  let bytes = 0;
  let firstByteMs = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    if (bytes === 0) {
      firstByteMs = performance.now() - began;
      if (pauseMs > 0) await delay(pauseMs);
    }
    bytes += part.length;
    hash?.update(part);
  }
  const seconds = (performance.now() - began) / 1000;
  return { bytes, seconds, firstByteMs, sha256: hash?.digest('hex') ?? null };
};
