import { describe, expect, it } from '@jest/globals';
import { BadSettingError, readGatewayEnv, readWorkerEnv } from './env.js';

const SETTINGS = {
  MONGODB_URI: 'mongodb://127.0.0.1/commissary',
  REDIS_URL: 'redis://127.0.0.1',
  PUBLIC_URL: 'http://127.0.0.1',
  SMTP_URL: 'smtp://127.0.0.1',
};

describe('the settings of a worker', () => {
  it('let it stand back for the gateway unless they say otherwise', () => {
    expect(readWorkerEnv(SETTINGS).WORKER_NICE).toBe(5);
    expect(readWorkerEnv({ ...SETTINGS, WORKER_NICE: '0' }).WORKER_NICE).toBe(0);
  });

  it.each(['-1', '20', 'low'])('stop its start with a niceness of %s', (given) => {
    const start = () => readWorkerEnv({ ...SETTINGS, WORKER_NICE: given });
    expect(start).toThrow(BadSettingError);
    expect(start).toThrow(/WORKER_NICE/);
  });
});

describe('the settings of Redis', () => {
  it('name one server or a cluster', () => {
    const REDIS_URL = 'redis+cluster://10.0.0.1:7001,10.0.0.2:7001';
    expect(readWorkerEnv({ ...SETTINGS, REDIS_URL }).REDIS_URL).toBe(REDIS_URL);
  });

  it.each([
    ['REDIS_URL', 'redis+cluster://'],
    ['REDIS_URL', 'http://127.0.0.1'],
    ['QUEUE_PREFIX', '{mine}'],
  ])('stop the start with %s=%j', (name, value) => {
    expect(() => readWorkerEnv({ ...SETTINGS, [name]: value })).toThrow(new RegExp(`Bad settings. ${name}`));
  });
});

describe('the settings of Stripe [EXT-6]', () => {
  const GATEWAY = {
    ...SETTINGS,
    OIDC_ISSUER: 'http://127.0.0.1',
    OIDC_AUDIENCE: 'urn:commissary:api',
    SESSION_SECRET: 'a secret of tests that is long enough',
    PAYMENTS: 'stripe',
    STRIPE_SECRET_KEY: 'sk_test_abc123',
    STRIPE_WEBHOOK_SECRET: 'whsec_abc123',
  };

  it('are enough for both programs', () => {
    expect(readGatewayEnv(GATEWAY).STRIPE_WEBHOOK_SECRET).toBe('whsec_abc123');
    expect(readWorkerEnv({ ...GATEWAY, STRIPE_WEBHOOK_SECRET: '' }).STRIPE_SECRET_KEY).toBe('sk_test_abc123');
  });

  it('are not asked for while the simulator is used', () => {
    expect(readWorkerEnv(SETTINGS)).not.toHaveProperty('STRIPE_SECRET_KEY');
    expect(readGatewayEnv({ ...GATEWAY, PAYMENTS: '', STRIPE_SECRET_KEY: '' }).PAYMENTS).toBe('simulator');
  });

  it.each([
    ['STRIPE_SECRET_KEY', ''],
    ['STRIPE_SECRET_KEY', 'pk_test_abc123'],
    ['STRIPE_SECRET_KEY', 'sk_test_abc\r\nx: y'],
    ['STRIPE_WEBHOOK_SECRET', ''],
    ['STRIPE_WEBHOOK_SECRET', 'abc123'],
    ['STRIPE_API_URL', 'stripe.example'],
  ])('stop the start with %s=%j, and do not repeat it', (name, value) => {
    const start = () => readGatewayEnv({ ...GATEWAY, [name]: value });
    expect(start).toThrow(new RegExp(`Bad settings. ${name}`));
    expect(start).not.toThrow(/abc|sk_test_abc/);
  });

  it('never give a live key to a stand-in', () => {
    const live = { ...GATEWAY, STRIPE_SECRET_KEY: 'rk_live_abc123' };
    expect(readWorkerEnv(live).STRIPE_SECRET_KEY).toBe('rk_live_abc123');
    expect(() => readWorkerEnv({ ...live, STRIPE_API_URL: 'http://127.0.0.1:1' })).toThrow(/STRIPE_API_URL/);
  });
});
