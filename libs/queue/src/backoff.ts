export interface BackoffTable {
  firstMs: number;
  maxMs: number;
}

/** An outside provider that does not answer: asked again under the same key. [BUY-6] */
export const PROVIDER_BACKOFF: BackoffTable = { firstMs: 1_000, maxMs: 30_000 };

/** A mail server that does not take a mail now. [MSG-3] */
export const MAIL_BACKOFF: BackoffTable = { firstMs: 1_000, maxMs: 10 * 60_000 };

/** A run that failed on our side. */
export const RUN_BACKOFF: BackoffTable = { firstMs: 500, maxMs: 10_000 };

/** Doubles from `firstMs` to `maxMs`; between half and all of it, so that many do not come back at once. `random` in [0, 1). */
export const backoffMs = (table: BackoffTable, failures: number, random: number = Math.random()): number => {
  const full = Math.min(table.maxMs, table.firstMs * 2 ** Math.min(failures, 30));
  return Math.round(full / 2 + (full / 2) * random);
};
