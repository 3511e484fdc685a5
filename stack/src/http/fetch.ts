/**
 * `fetch` for the clients of development and tests: each request has a connection of its own, which ends with the answer.
 *
 * The global `fetch` pools connections, for all test files of one Jest worker together. A server that closes an idle one just as it
 * is used again fails the request, and a request that changes something may not simply be repeated. Without idle connections this
 * cannot happen, whichever server answers; a new connection on the loopback interface costs about 0.1 ms.
 *
 * A large body keeps its connection: a server that refuses it before it has all of it would otherwise hang up on the client that is
 * still sending, which would never see the answer.
 */
export const fetch = (url: string | URL, init: RequestInit = {}): Promise<Response> => {
  const headers = new Headers(init.headers);
  if (!isLarge(init.body)) headers.set('connection', 'close');
  return globalThis.fetch(url, { ...init, headers });
};

/** More characters than the product takes in one body. */
const LARGE = 1_000_000;

const isLarge = (body: RequestInit['body']): boolean => typeof body === 'string' && body.length > LARGE;
