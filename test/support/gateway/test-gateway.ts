import { createGateway } from '@commissary/gateway';
import type { OperationView, Problem } from '@commissary/contracts';
import { createLogger, type GatewayEnv, type Logger, readGatewayEnv } from '@commissary/platform';
import { fetch } from '@commissary/stack/http';
import { Database, type TenantDocument, type UserDocument, migrate } from '@commissary/store';
import { type TestServices, testServices } from '../database.js';
import { aTenant, aUser } from '../documents.js';
import { AUDIENCE, TestIssuer } from './test-issuer.js';
import { collectionsOf } from '../driver.js';

export interface Reply<T> {
  status: number;
  headers: Headers;
  body: T;
}

export interface Ask {
  body?: unknown;
  headers?: Record<string, string>;
}

/** As the deployer's migration leaves a database before the programs start. */
const migrated = async (uri: string): Promise<Database> => {
  const database = await Database.connect({ uri, appName: 'test' });
  await migrate(database, { holder: 'test' });
  return database;
};

/** A gateway in this process, listening on a port, with an issuer of its own and real MongoDB and Redis. */
export class TestGateway {
  private constructor(
    readonly services: TestServices,
    readonly issuer: TestIssuer,
    readonly database: Database,
    readonly url: string,
    readonly app: Awaited<ReturnType<typeof createGateway>>,
  ) {}

  /** `logger`: for a test that reads the log. */
  static async start(
    changes: Partial<Record<keyof GatewayEnv, string>> = {},
    logger: Logger = createLogger('gateway', 'silent'),
  ): Promise<TestGateway> {
    const services = testServices();
    const issuer = await TestIssuer.start();
    const env = readGatewayEnv({
      MONGODB_URI: services.mongodbUri,
      REDIS_URL: services.redisUrl,
      QUEUE_PREFIX: services.queuePrefix,
      PAYMENTS_URL: 'http://127.0.0.1:9',
      PUBLIC_URL: 'http://127.0.0.1:1',
      OIDC_ISSUER: issuer.url,
      OIDC_AUDIENCE: AUDIENCE,
      SESSION_SECRET: 'a secret of tests that is long enough',
      ...changes,
    });
    // A gateway that does not come up leaves nothing behind that keeps the run from ending.
    const database = await migrated(env.MONGODB_URI);
    const app = await createGateway(env, logger).catch(async (error: unknown) => {
      await Promise.all([issuer.stop(), database.close()]);
      throw error;
    });
    await app.listen(0, '127.0.0.1');
    return new TestGateway(services, issuer, database, await app.getUrl(), app);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.database.close();
    await this.issuer.stop();
    await this.services.remove();
  }

  async tenant(fields: Partial<TenantDocument> = {}): Promise<TenantDocument> {
    const tenant = aTenant(fields);
    await collectionsOf(this.database).tenants.insertOne(tenant);
    return tenant;
  }

  async user(tenant: TenantDocument, fields: Partial<UserDocument> = {}): Promise<UserDocument> {
    const user = aUser(tenant._id, fields);
    await collectionsOf(this.database).users.insertOne(user);
    return user;
  }

  /** JSON in, JSON out, as this user. */
  async as<T = Problem>(user: UserDocument, method: string, path: string, ask: Ask = {}): Promise<Reply<T>> {
    const authorization = `Bearer ${await this.issuer.token(user)}`;
    return this.ask<T>(method, path, { ...ask, headers: { authorization, ...ask.headers } });
  }

  async ask<T = Problem>(method: string, path: string, { body, headers = {} }: Ask = {}): Promise<Reply<T>> {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text) as T,
    };
  }

  async operation(user: UserDocument, id: string): Promise<OperationView> {
    return (await this.as<OperationView>(user, 'GET', `/v1/operations/${id}`)).body;
  }
}
