const DAY = 24 * 3600;

/** What is kept for how long, in seconds. [RET-1] */
export const RETENTION = {
  idempotency: DAY,
  operations: 365 * DAY,
  notifications: 30 * DAY,
  quotes: 30 * DAY,
  capacitySamples: 100 * DAY,
};
