import { describe, expect, it } from '@jest/globals';
import { backoffMs, PROVIDER_BACKOFF } from './backoff.js';

describe('backoff of a provider [BUY-6]', () => {
  it('starts at one second, doubles and stays at thirty', () => {
    const full = [0, 1, 2, 3, 4, 5, 6, 500].map((failures) => backoffMs(PROVIDER_BACKOFF, failures, 1));
    expect(full).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('spreads over the upper half of the wait', () => {
    expect(backoffMs(PROVIDER_BACKOFF, 1, 0)).toBe(1_000);
  });
});
