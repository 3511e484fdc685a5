import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holdsCardData, withoutCardData } from './card-data.js';
import { blockOfText, lineOfText } from './text.js';

describe('card data in a text', () => {
  it.each([
    '4242424242424242',
    'Visa 4242 4242 4242 4242 12/30 CVV 737',
    '5555-5555-5555-4444.',
    '12 3782 822463 10005',
    '6011 1111 1111 1117',
    '(4000.0566.5566.5556)',
    'it is tok_visa',
    'CVV: 737',
    'security code 1234',
  ])('BUY-3 is found in "%s"', (text) => {
    expect(holdsCardData(text)).toBe(true);
    expect(holdsCardData(withoutCardData(text))).toBe(false);
  });

  it.each([
    '',
    '4242424242424241',
    'order 42424242424242420 of 2026-11-21',
    '1234567890123456',
    '+46 70 123 45 67',
    '4242 or 4242, 4242 and 4242',
    'ord_01m7zyjp4zfvjbq1dkr4wmpk19',
    'stok_visa',
    'cvv 12 and 12345',
  ])('BUY-3 is not seen in "%s"', (text) => {
    expect(holdsCardData(text)).toBe(false);
    expect(withoutCardData(text)).toBe(text);
  });

  it('BUY-3 nothing but the card data is taken out', () => {
    expect(withoutCardData('a 4242 4242 4242 4242 b tok_visa, c')).toBe('a [card] b [card], c');
  });

  it('BUY-3 any text around a card number stays as it is', () => {
    const words = fc.stringMatching(/^[A-Za-z ]{0,20}$/);
    fc.assert(
      fc.property(words, words, (before, after) => {
        const text = `${before}.. 4242424242424242 ..${after}`;
        expect(withoutCardData(text)).toBe(`${before}.. [card] ..${after}`);
      }),
    );
  });

  it('BUY-3 people’s text with it is refused by name, without a word of it', () => {
    for (const schema of [lineOfText(100), blockOfText(100)]) {
      const { error } = schema.safeParse('my card 4242 4242 4242 4242');
      expect(error?.issues.map(({ message }) => message)).toEqual([
        'Card numbers and tokens do not belong here',
      ]);
      expect(schema.safeParse('my card ends in 4242').success).toBe(true);
    }
  });
});
