import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.js';

describe('the log [OPS-2]', () => {
  it('shows no secret, wherever it stands', () => {
    const lines: string[] = [];
    const logger = createLogger('test', 'trace', { write: (line: string) => void lines.push(line) });
    const env = { STRIPE_SECRET_KEY: 'sk_test_shown', STRIPE_WEBHOOK_SECRET: 'whsec_shown', PORT: 8080 };
    const headers = { 'stripe-signature': 't=1,v1=shown', authorization: 'Bearer shown', cookie: 'shown' };
    logger.info(env, 'settings');
    logger.warn({ env, headers, req: { headers } }, 'settings and headers');
    logger.child({ env }).error({ token: 'shown', body: { card: 'shown' } }, 'child');
    expect(lines).toHaveLength(3);
    expect(lines.join('')).toContain('8080');
    expect(lines.join('')).not.toContain('shown');
  });
});
