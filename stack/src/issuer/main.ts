/** The issuer's process: `PORT`, `HOST`, `MONGODB_URI` (the directory) and `KEYS_FILE` tell it where. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { SAMPLE_EMAILS } from '../fixtures/people.js';
import { closeServer, createHttpServer, listenOn } from '../http/http-server.js';
import { required, runService } from '../http/service.js';
import { Directory } from './directory.js';
import { loadKeys } from './keys.js';
import { createProvider } from './provider.js';
import { renderSignInPage } from './sign-in-page.js';

const SIGN_IN = /^\/sign-in\/[\w-]+$/;
const MAX_FORM_BYTES = 10_000;

const formOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8');
    if (text.length > MAX_FORM_BYTES) throw new Error('the form is too long');
  }
  return new URLSearchParams(text);
};

const sendPage = (response: ServerResponse, action: string, unknown?: string): void => {
  response.writeHead(unknown === undefined ? 200 : 400, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(renderSignInPage({ action, samples: SAMPLE_EMAILS, unknown }));
};

/** Shows the page, or takes the address from it and goes on with the sign-in that was under way. */
const signIn = async (
  provider: Provider,
  directory: Directory,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const action = request.url ?? '';
  await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    sendPage(response, action);
    return;
  }
  const email = (await formOf(request)).get('email') ?? '';
  const user = await directory.byEmail(email);
  if (user) await provider.interactionFinished(request, response, { login: { accountId: user._id } });
  else sendPage(response, action, email);
};

const serve = (provider: Provider, directory: Directory): Server => {
  const openid = provider.callback();
  return createHttpServer((request, response) => {
    if (!SIGN_IN.test(request.url ?? '')) {
      void openid(request, response);
      return;
    }
    signIn(provider, directory, request, response).catch(() => {
      response.writeHead(400, { 'content-type': 'text/plain' });
      response.end('This sign-in has expired: go back to where you came from and start again.\n');
    });
  });
};

runService('issuer', async ({ host, port }) => {
  const directory = await Directory.connect(required('MONGODB_URI'));
  const url = `http://${host}:${port}`;
  const provider = createProvider(url, directory, await loadKeys(required('KEYS_FILE')));
  const server = serve(provider, directory);
  await listenOn(server, port, host);
  return {
    url,
    stop: async () => {
      await closeServer(server);
      await directory.close();
    },
  };
});
