import { createServer, type Server } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { Database } from '@commissary/store';
import type { Settings } from './settings.js';

/** `/healthz`: the process lives. `/readyz`: it reaches MongoDB; Redis may be away, for a worker is patient. [OPS-2] */
@Injectable()
export class HealthServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly server: Server;

  constructor(
    private readonly database: Database,
    @Inject(ConfigService) private readonly config: Settings,
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
      const [port, host] = [
        this.config.get('PORT', { infer: true }),
        this.config.get('HOST', { infer: true }),
      ];
      this.server.once('error', reject).listen(port, host, resolve);
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
