/**
 * The mail catcher's process: `SMTP_PORT` for mail, `PORT` for looking at it.
 *
 * GET /messages?to= -> {items: CaughtMail[]}, oldest first; DELETE /messages -> 204;
 * PUT /faults {mode, count?} -> 200; GET /healthz.
 */
import { closeServer } from '../http/http-server.js';
import { HttpError, listen, type Route } from '../http/json-server.js';
import { required, runService } from '../http/service.js';
import { MailCatcher } from './catcher.js';
import { mailFaultsRequest } from './faults.js';

const routes = (catcher: MailCatcher): Route[] => [
  {
    method: 'GET',
    path: '/messages',
    handle: async ({ query }) => ({
      status: 200,
      body: { items: await catcher.mailbox.list(query.get('to')) },
    }),
  },
  {
    method: 'DELETE',
    path: '/messages',
    handle: () => {
      catcher.mailbox.clear();
      return { status: 204 };
    },
  },
  {
    method: 'PUT',
    path: '/faults',
    handle: async ({ body }) => {
      const faults = mailFaultsRequest.safeParse(body);
      if (!faults.success) throw new HttpError(400, 'invalid_request', faults.error.issues[0]?.message ?? '');
      return { status: 200, body: await catcher.setFaults(faults.data) };
    },
  },
  { method: 'GET', path: '/healthz', handle: () => ({ status: 200, body: { status: 'ok' } }) },
];

runService('mail', async ({ host, port }) => {
  const catcher = new MailCatcher(Number(required('SMTP_PORT')), host);
  await catcher.listen();
  const { server, url } = await listen(routes(catcher), port, host);
  return {
    url,
    stop: async () => {
      await closeServer(server);
      await catcher.close();
    },
  };
});
