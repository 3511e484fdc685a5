import type { HealthIndicatorResult } from '@nestjs/terminus';

/** How long a part may take to answer a health check, ms. */
export const ANSWERS_WITHIN_MS = 2_000;

export type HealthState = 'up' | 'down';

/** What our health checks show of an indicator: a part that is missing but not needed is down all the same. */
export const healthStateOf = <Key extends string>(
  result: HealthIndicatorResult<Key>,
  key: Key,
): HealthState => (result[key].status === 'up' ? 'up' : 'down');
