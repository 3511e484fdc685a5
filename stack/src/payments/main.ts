/** The payment simulator's process: `PORT`, `HOST` and `JOURNAL` (a file) tell it where. */
import { closeServer } from '../http/http-server.js';
import { listen } from '../http/json-server.js';
import { required, runService } from '../http/service.js';
import { Provider } from './provider.js';
import { paymentRoutes } from './server.js';

runService('payments', async ({ host, port }) => {
  const provider = new Provider(required('JOURNAL'));
  const { server, url } = await listen(paymentRoutes(provider), port, host);
  return {
    url,
    stop: async () => {
      await closeServer(server);
      await provider.close();
    },
  };
});
