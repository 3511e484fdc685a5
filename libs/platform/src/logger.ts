import { type Logger, pino } from 'pino';

export type { Logger };

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
];

export const createLogger = (name: string, level = 'info'): Logger =>
  pino({
    name,
    level,
    redact: { paths: REDACTED, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
