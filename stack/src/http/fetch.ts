/**
 * `fetch` for the clients of development and tests: each request has a connection of its own, which ends with the answer.
 *
 * The global `fetch` pools connections, for all test files of one Jest worker together. A server that closes an idle one just as it
 * is used again fails the request, and a request that changes something may not simply be repeated. Without idle connections this
 * cannot happen, whichever server answers; a new connection on the loopback interface costs about 0.1 ms.
 */
export const fetch = (url: string | URL, init: RequestInit = {}): Promise<Response> => {
  const headers = new Headers(init.headers);
  headers.set('connection', 'close');
  return globalThis.fetch(url, { ...init, headers });
};
