/** How the stack's Node programs are started: its own stand-ins, the gateway and the workers. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { QueueName } from '@commissary/contracts';
import { fetch } from '../http/fetch.js';
import { AUDIENCE, DASHBOARDS_CLIENT_ID } from '../issuer/names.js';
import { built, ROOT } from '../paths.js';
import { StackError } from '../stack-error.js';
import type { ProcessSpec } from './managed-process.js';
import { HOST } from './ports.js';
import type { StackAddresses } from './stack-file.js';

type Settings = Record<string, string>;

const answers = async (url: string): Promise<boolean> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.arrayBuffer();
  return response.ok;
};

/** The person's environment without what npm adds to it, and the part's settings. */
const environment = (settings: Settings): Record<string, string | undefined> => {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'));
  return { ...Object.fromEntries(inherited), ...settings };
};

const nodeSpec = (
  name: string,
  file: string,
  port: number,
  health: string,
  settings: Settings,
  flags: readonly string[] = [],
): ProcessSpec => {
  if (!existsSync(file)) {
    throw new StackError(`${path.relative(ROOT, file)} is not there: run "npm run build" first.`);
  }
  return {
    name,
    command: process.execPath,
    args: ['--enable-source-maps', ...flags, file],
    env: environment({ HOST, PORT: String(port), ...settings }),
    ready: () => answers(`http://${HOST}:${port}${health}`),
  };
};

export const paymentsSpec = (port: number, data: string): ProcessSpec =>
  nodeSpec('payments', built('stack', 'payments/main.js'), port, '/healthz', {
    JOURNAL: path.join(data, 'payments.journal'),
  });

export const mailSpec = (port: number, smtpPort: number): ProcessSpec =>
  nodeSpec('mail', built('stack', 'mail/main.js'), port, '/healthz', { SMTP_PORT: String(smtpPort) });

export const issuerSpec = (port: number, mongoUri: string, data: string): ProcessSpec =>
  nodeSpec('issuer', built('stack', 'issuer/main.js'), port, '/.well-known/openid-configuration', {
    MONGODB_URI: mongoUri,
    KEYS_FILE: path.join(data, 'issuer-keys.json'),
  });

/** Settings that the gateway and the workers share; what was left out of the stack is left to the environment. */
const shared = (at: StackAddresses): Settings => {
  const settings = {
    MONGODB_URI: at.mongoUri,
    REDIS_URL: at.redisUrl,
    PAYMENTS: at.paymentsUrl === null ? null : 'simulator',
    PAYMENTS_URL: at.paymentsUrl,
    PUBLIC_URL: at.gatewayUrl ?? `http://${HOST}:8080`,
    SMTP_URL: at.smtpUrl,
    OIDC_ISSUER: at.issuer,
  };
  return Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, string] => entry[1] !== null),
  );
};

export const gatewaySpec = (port: number, at: StackAddresses, sessionSecret: string): ProcessSpec =>
  nodeSpec('gateway', built('apps/gateway', 'main.js'), port, '/readyz', {
    ...shared(at),
    OIDC_AUDIENCE: AUDIENCE,
    OIDC_CLIENT_ID: DASHBOARDS_CLIENT_ID,
    SESSION_SECRET: sessionSecret,
  });

/**
 * Node collects garbage early where memory is meant to be small: a worker that moves a million users stays below 200 MiB, and
 * takes half as much again without. No job needs a quarter of this.
 */
export const WORKER_FLAGS = ['--max-semi-space-size=8', '--max-old-space-size=384'] as const;

export const workerSpec = (name: string, queue: QueueName, port: number, at: StackAddresses): ProcessSpec => {
  const settings = {
    ...shared(at),
    MAIL_FROM: 'Commissary <no-reply@commissary.example>',
    WORKER_QUEUES: queue,
  };
  return nodeSpec(name, built('apps/worker', 'main.js'), port, '/readyz', settings, WORKER_FLAGS);
};
