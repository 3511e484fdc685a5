import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Reads carry an `ETag` (of their bytes, unless the controller set one of its own) and answer 304 to an
 * `If-None-Match` that names it. [EXT-1]
 */
export const etagHook = async (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> => {
  if (request.method !== 'GET' || reply.statusCode !== 200 || typeof payload !== 'string') return payload;
  if (!request.url.startsWith('/v1/')) return payload;
  const given = reply.getHeader('etag');
  const etag = typeof given === 'string' ? given : etagOf(payload);
  if (given === undefined) void reply.header('etag', etag);
  if (!matches(request.headers['if-none-match'], etag)) return payload;
  void reply.code(304).removeHeader('content-length').removeHeader('content-type');
  return '';
};

const etagOf = (payload: string): string => `"${createHash('sha1').update(payload).digest('base64url')}"`;

/** Weak comparison, as `If-None-Match` asks for. */
const matches = (header: string | undefined, etag: string): boolean => {
  if (header === undefined) return false;
  const strong = (tag: string) => tag.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').some((tag) => strong(tag) === strong(etag));
};
