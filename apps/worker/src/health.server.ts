import { createServer, type Server } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { WorkerEnv } from '@commissary/platform';
import { Database } from '@commissary/store';
import { WORKER_ENV } from './tokens.js';

/** `/healthz`: the process lives. `/readyz`: it reaches MongoDB; Redis may be away, for a worker is patient. [OPS-2] */
@Injectable()
export class HealthServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly server: Server;

  constructor(
    private readonly database: Database,
    @Inject(WORKER_ENV) private readonly env: WorkerEnv,
  ) {
    this.server = createServer((request, response) => {
      void this.statusOf(request.url ?? '').then((status) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ status: status === 200 ? 'ok' : 'unavailable' }));
      });
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(this.env.PORT, this.env.HOST, resolve);
    });
  }

  onApplicationShutdown(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async statusOf(path: string): Promise<number> {
    if (path === '/healthz') return 200;
    if (path !== '/readyz') return 404;
    return this.database.ping().then(
      () => 200,
      () => 503,
    );
  }
}
