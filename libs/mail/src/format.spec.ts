import { describe, expect, it } from '@jest/globals';
import { createFormat } from './format.js';

describe('createFormat', () => {
  const english = createFormat('en');

  it.each([
    [1_500, 'JPY', '¥1,500'],
    [999, 'USD', '$9.99'],
    [5, 'USD', '$0.05'],
    [0, 'USD', '$0.00'],
    [-24_975, 'USD', '-$249.75'],
    [1_234, 'KWD', 'KWD 1.234'],
    // Intl itself would leave out what ISO 4217 gives it.
    [123_456, 'HUF', 'HUF 1,234.56'],
    [Number.MAX_SAFE_INTEGER, 'USD', '$90,071,992,547,409.91'],
  ])('[MSG-2] writes %d minor units of %s by ISO 4217', (amountMinor, currency, written) => {
    expect(english.money({ amountMinor, currency }).replace(/\s/g, ' ')).toBe(written);
  });

  it('[MSG-2] writes the day in UTC', () => {
    expect(english.date('2025-01-31T23:59:59Z')).toBe('January 31, 2025');
    expect(createFormat('en-GB').date('2025-01-01T00:00:00Z')).toBe('1 January 2025');
  });
});
