import { createServer, type Server } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { HealthCheckService } from '@nestjs/terminus';
import type { Settings } from '../settings.js';
import { DatabaseHealth } from './database.health.js';

/**
 * `/healthz`: the process lives. `/readyz`: it reaches MongoDB and is not stopping; Redis may be away, for a worker is patient. [OPS-2]
 * A server of Node's, because a worker has no other routes and would load a web framework for these two alone.
 */
@Injectable()
export class HealthServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly server: Server;

  constructor(
    private readonly health: HealthCheckService,
    private readonly database: DatabaseHealth,
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
    const port = this.config.get('PORT', { infer: true });
    const host = this.config.get('HOST', { infer: true });
    await new Promise<void>((resolve, reject) => {
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
    return this.health.check([() => this.database.isHealthy()]).then(
      () => 200,
      () => 503,
    );
  }
}
