import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Server } from 'node:http';
import { closeServer, createHttpServer, fetch, listenOn } from '@commissary/stack/http';

describe('the fetch of development and tests', () => {
  let server: Server;
  let url: string;
  let connections: number;

  beforeEach(async () => {
    connections = 0;
    server = createHttpServer((request, response) => {
      response.end(`${request.method ?? ''} ${request.headers['content-type'] ?? ''}`);
    });
    server.on('connection', () => (connections += 1));
    url = await listenOn(server, 0, '127.0.0.1');
  });
  afterEach(() => closeServer(server));

  it('leaves no idle connection behind that the server could close under a later request', async () => {
    const closed = new Promise((resolve) => {
      server.once('connection', (socket) => resolve(once(socket, 'close')));
    });
    const response = await fetch(url);
    expect(await response.text()).toBe('GET ');
    expect(response.headers.get('connection')).toBe('close');
    await closed;
    await (await fetch(url)).text();
    expect(connections).toBe(2);
  });

  it('sends the method, the headers and the body that it was given', async () => {
    const headers = { 'content-type': 'text/x-test' };
    const response = await fetch(new URL(url), { method: 'POST', headers, body: 'x' });
    expect(await response.text()).toBe('POST text/x-test');
  });
});
