import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** While the gateway stops, answers are looked at this often, ms. */
const LOOK_EVERY_MS = 500;
/** So many looks without a byte taken: its reader stands still. */
const STILL_LOOKS = 4;
/** Nobody is waited for any longer, ms; the rest of the 30 s is for closing what they used. */
const WITHIN_MS = 20_000;

interface Looked {
  bytes: number;
  still: number;
}

/**
 * A stop waits for answers that are under way. One that streams to a reader who stands still, or hardly reads, would never end: it
 * is broken off, connection and all, so that its reader cannot take a part for the whole. [OPS-3, ADM-3]
 */
export const endStreamsAtStop = (fastify: FastifyInstance): void => {
  const open = new Map<Readable, () => number>();
  fastify.addHook('onSend', async (_request, reply, payload: unknown) => {
    if (!(payload instanceof Readable)) return payload;
    open.set(payload, () => reply.raw.socket?.bytesWritten ?? 0);
    payload.once('close', () => open.delete(payload));
    return payload;
  });
  fastify.addHook('preClose', async () => {
    const last = Date.now() + WITHIN_MS;
    const looked = new Map<Readable, Looked>();
    const look = (): void => {
      for (const [stream, bytesOf] of open) {
        const before = looked.get(stream);
        const bytes = bytesOf();
        const still = before?.bytes === bytes ? before.still + 1 : 0;
        looked.set(stream, { bytes, still });
        if (still >= STILL_LOOKS || Date.now() >= last) stream.destroy(new Error('The gateway stops.'));
      }
    };
    const timer = setInterval(look, LOOK_EVERY_MS);
    fastify.server.once('close', () => clearInterval(timer));
  });
};
