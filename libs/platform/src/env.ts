import { z } from 'zod';
import { BadFailpointError, Failpoints } from './failpoints.js';
import { parseRedisUrl } from './redis-url.js';

/** The one place that reads the process's environment. A bad setting stops the start with its name and what was expected. */

const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `expected a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    );

const mongoUri = z
  .string()
  .regex(
    /^mongodb(\+srv)?:\/\//,
    'expected a connection string that starts with mongodb:// or mongodb+srv://',
  );

const redisUrl = z
  .string()
  .refine(
    (value) => parseRedisUrl(value) !== null,
    'expected a URL that starts with redis:// or rediss://, or the nodes of a cluster, redis+cluster://host:port,host:port',
  );

const shared = {
  MONGODB_URI: mongoUri,
  /** One server, or a Redis Cluster by some of its nodes. */
  REDIS_URL: redisUrl,
  /** The name that every BullMQ key begins with, so that installations can share a Redis; braces would end the hash tag early. */
  QUEUE_PREFIX: z
    .string()
    .regex(/^[^{}]+$/, 'expected a name without braces')
    .default('commissary'),
  PAYMENTS: z.enum(['simulator', 'stripe']).default('simulator'),
  PAYMENTS_URL: url('http:', 'https:').optional(),
  /** With PAYMENTS=stripe. A restricted key (`rk_`) will do; it needs to write what docs/stripe.md lists. */
  STRIPE_SECRET_KEY: z
    .string()
    .regex(
      /^[sr]k_(test|live)_\w+$/,
      'expected a secret key of Stripe: sk_test_, sk_live_, rk_test_ or rk_live_',
    )
    .optional(),
  /** A stand-in for Stripe's API, for tests; never with a live key. */
  STRIPE_API_URL: url('http:', 'https:').optional(),
  PUBLIC_URL: url('http:', 'https:'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  NODE_ENV: z.string().optional(),
  /** Named points at which a test makes the process fail; unset outside tests. */
  FAILPOINTS: z.string().default(''),
} as const;

/** A name or an action that does not exist, and any at all outside tests. */
const checkFailpoints = (env: { FAILPOINTS: string; NODE_ENV?: string }, ctx: z.RefinementCtx): void => {
  const fault = faultOf(env);
  if (fault !== null) ctx.addIssue({ code: 'custom', path: ['FAILPOINTS'], message: fault });
};

const faultOf = ({ FAILPOINTS, NODE_ENV }: { FAILPOINTS: string; NODE_ENV?: string }): string | null => {
  if (FAILPOINTS === '') return null;
  if (NODE_ENV !== 'test') return 'makes the program fail and is for tests alone (NODE_ENV=test); unset it';
  try {
    new Failpoints(FAILPOINTS);
    return null;
  } catch (error) {
    if (error instanceof BadFailpointError) return error.message;
    throw error;
  }
};

interface StripeSettings {
  PAYMENTS: string;
  STRIPE_SECRET_KEY?: string | undefined;
  STRIPE_API_URL?: string | undefined;
}

/** [EXT-6] */
const checkStripe = (env: StripeSettings, ctx: z.RefinementCtx): void => {
  if (env.PAYMENTS !== 'stripe') return;
  if (env.STRIPE_SECRET_KEY === undefined) {
    ctx.addIssue({ code: 'custom', path: ['STRIPE_SECRET_KEY'], message: 'PAYMENTS=stripe needs it' });
  }
  if (env.STRIPE_API_URL !== undefined && /_live_/.test(env.STRIPE_SECRET_KEY ?? '')) {
    const message = 'is for tests and would be given a live key; unset it';
    ctx.addIssue({ code: 'custom', path: ['STRIPE_API_URL'], message });
  }
};

const gatewayEnv = z
  .object({
    ...shared,
    OIDC_ISSUER: url('http:', 'https:'),
    OIDC_AUDIENCE: z.string().min(1),
    OIDC_CLIENT_ID: z.string().min(1).default('commissary-dashboards'),
    SESSION_SECRET: z.string().min(32, 'expected at least 32 characters'),
    /** Sustained requests per second and user, over all gateways; bursts of five seconds' worth are allowed. */
    RATE_LIMIT_PER_SECOND: z.coerce.number().int().min(1).default(200),
    /** With PAYMENTS=stripe: proves that a webhook is Stripe's. */
    STRIPE_WEBHOOK_SECRET: z
      .string()
      .regex(/^whsec_\S+$/, 'expected the signing secret of a Stripe webhook: whsec_')
      .optional(),
  })
  .superRefine(checkFailpoints)
  .superRefine(checkStripe)
  .superRefine((env, ctx) => {
    if (env.PAYMENTS !== 'stripe' || env.STRIPE_WEBHOOK_SECRET !== undefined) return;
    ctx.addIssue({ code: 'custom', path: ['STRIPE_WEBHOOK_SECRET'], message: 'PAYMENTS=stripe needs it' });
  });

const workerEnv = z
  .object({
    ...shared,
    SMTP_URL: url('smtp:', 'smtps:'),
    MAIL_FROM: z.string().min(3).default('Commissary <no-reply@commissary.example>'),
    WORKER_QUEUES: z
      .string()
      .default('')
      .transform((value) =>
        value
          .split(',')
          .map((name) => name.trim())
          .filter(Boolean),
      ),
    /** The niceness of the process: whoever waits for the gateway on the same machine goes before the worker. */
    WORKER_NICE: z.coerce.number().int().min(0).max(19).default(5),
  })
  .superRefine(checkFailpoints)
  .superRefine(checkStripe);

const databaseEnv = z.object({
  MONGODB_URI: mongoUri,
  REDIS_URL: shared.REDIS_URL.optional(),
  QUEUE_PREFIX: shared.QUEUE_PREFIX,
  PAYMENTS_URL: shared.PAYMENTS_URL,
});

export type GatewayEnv = z.infer<typeof gatewayEnv>;
export type WorkerEnv = z.infer<typeof workerEnv>;
export type DatabaseEnv = z.infer<typeof databaseEnv>;

/** A setting that is missing or wrong; its message names each one and what was expected. */
export class BadSettingError extends Error {
  override readonly name = 'BadSettingError';
}

type Source = Record<string, string | undefined>;

const read = <T extends z.ZodType>(schema: T, source: Source): z.infer<T> => {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) =>
      `${issue.path.join('.')}: ${given[String(issue.path[0])] === undefined ? 'is not set; ' : ''}${issue.message}`,
  );
  throw new BadSettingError(`Bad settings. ${faults.join('. ')}.`);
};

export const readGatewayEnv = (source: Source = process.env): GatewayEnv => read(gatewayEnv, source);
export const readWorkerEnv = (source: Source = process.env): WorkerEnv => read(workerEnv, source);
/** For programs that need the database alone: the audit, the catalog's loader. */
export const readDatabaseEnv = (source: Source = process.env): DatabaseEnv => read(databaseEnv, source);
