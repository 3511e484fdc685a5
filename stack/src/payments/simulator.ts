/** The payment simulator, in a process of its own (`main.ts`) or in a test's. */
import { closeServer } from '../http/http-server.js';
import { listen } from '../http/json-server.js';
import type { Service } from '../http/service.js';
import { Provider } from './provider.js';
import { paymentRoutes } from './server.js';

/** `journal`: the file that its books are kept in. A port of 0 takes a free one. Resolves once it answers. */
export const startSimulator = async (journal: string, port: number, host: string): Promise<Service> => {
  const provider = new Provider(journal);
  const { server, url } = await listen(paymentRoutes(provider), port, host);
  return {
    url,
    stop: async () => {
      await closeServer(server);
      await provider.close();
    },
  };
};
