/**
 * How the HTTP servers of development and tests treat idle connections.
 *
 * Node closes an idle connection after the time that it announces to the client, five seconds by default. A client that pools
 * connections wants to close them a little earlier, by a timer; while its event loop is busy the timer is late, the server closes
 * first, and the next request fails with "other side closed". So these servers wait much longer than they announce.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Clients are told to give up a connection that has been idle this long, s. */
const ANNOUNCED_IDLE_S = 5;
/** The server itself closes it only after this, ms. A client's event loop would have to be blocked for a minute to lose the race. */
const KEPT_IDLE_MS = 65_000;

/** A server whose idle connections are closed by the client, never under a request that is on its way. */
export const createHttpServer = (listener: RequestListener): Server =>
  createServer({ keepAliveTimeout: KEPT_IDLE_MS }, (request, response) => {
    if (response.shouldKeepAlive) {
      response.setHeader('connection', 'keep-alive');
      response.setHeader('keep-alive', `timeout=${ANNOUNCED_IDLE_S}`);
    }
    listener(request, response);
  });

/** Listens on `host:port`; a port of 0 takes a free one. Resolves with the server's address once it accepts connections. */
export const listenOn = async (server: Server, port: number, host: string): Promise<string> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return `http://${host}:${(server.address() as AddressInfo).port}`;
};

/** Stops listening and cuts what is open. */
export const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
