import { describe, expect, it } from '@jest/globals';
import { plainLine } from './plain-line.js';

describe('plainLine', () => {
  it.each([
    ['a\r\nb', 'a b'],
    ['a\u0000\u0085\u2028b\n', 'a b'],
    ['\u202eevil\u202c\u200f', 'evil'],
    ['Åsa 王 👩‍💻', 'Åsa 王 👩‍💻'],
    ['x'.repeat(200), 'x'.repeat(200)],
    ['😀'.repeat(300), `${'😀'.repeat(199)}…`],
  ])('makes %j one line that turns nothing around', (given, line) => {
    expect(plainLine(given)).toBe(line);
  });
});
