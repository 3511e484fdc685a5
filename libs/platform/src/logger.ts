import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

/** Settings that open something. */
const SECRET_SETTINGS = [
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'SESSION_SECRET',
  'MONGODB_URI',
  'REDIS_URL',
  'SMTP_URL',
];

/** Paths that never reach a log line, whoever logs them. */
const REDACTED = [
  'authorization',
  'cookie',
  'token',
  'password',
  'card',
  '*.authorization',
  '*.cookie',
  '*.token',
  '*.password',
  '*.card',
  'req.headers.authorization',
  'req.headers.cookie',
  '["stripe-signature"]',
  '*["stripe-signature"]',
  'req.headers["stripe-signature"]',
  ...SECRET_SETTINGS,
  ...SECRET_SETTINGS.map((name) => `*.${name}`),
];

/** To standard output unless there is a `destination`. */
export const createLogger = (name: string, level = 'info', destination?: DestinationStream): Logger => {
  const options = {
    name,
    level,
    redact: { paths: REDACTED, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return destination ? pino(options, destination) : pino(options);
};
