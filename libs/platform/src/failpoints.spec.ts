import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { BadSettingError, readGatewayEnv, readWorkerEnv } from './env.js';
import { FAILPOINT_NAMES, Failpoints } from './failpoints.js';

const APPS = path.resolve(__dirname, '../../../apps');

const hits = (): string[] =>
  readdirSync(APPS, { recursive: true, encoding: 'utf8' })
    .filter((file) => /^[^/]+\/src\/.*(?<!\.spec)\.ts$/.test(file))
    .flatMap((file) => [
      ...readFileSync(path.join(APPS, file), 'utf8').matchAll(/failpoints\.hit\('([^']+)'\)/g),
    ])
    .map((match) => match[1] ?? '');

const SHARED = {
  MONGODB_URI: 'mongodb://127.0.0.1/commissary',
  REDIS_URL: 'redis://127.0.0.1',
  PUBLIC_URL: 'http://127.0.0.1',
};
const WORKER = { ...SHARED, SMTP_URL: 'smtp://127.0.0.1' };
const GATEWAY = {
  ...SHARED,
  OIDC_ISSUER: 'http://127.0.0.1',
  OIDC_AUDIENCE: 'urn:commissary:api',
  SESSION_SECRET: 'x'.repeat(32),
};

describe('failpoints', () => {
  it('each name of the list is hit at exactly one place of the gateway or the worker', () => {
    expect(hits().sort()).toEqual([...FAILPOINT_NAMES].sort());
  });

  it('do nothing unless they were set', async () => {
    const none = new Failpoints('');
    for (const name of FAILPOINT_NAMES) await none.hit(name);
  });

  it('throw at the passage that was named, and at no other', async () => {
    const points = new Failpoints('move.chunk=throw@2, purchase.charged=delay:1');
    await points.hit('move.chunk');
    await expect(points.hit('move.chunk')).rejects.toThrow('failpoint move.chunk');
    await points.hit('move.chunk');
    await points.hit('purchase.charged');
  });

  it.each([
    ['move.chunks=throw', 'there is no failpoint "move.chunks"'],
    ['move.chunk=explode', 'expected kill, throw or delay:MS, got "explode"'],
    ['move.chunk', 'expected kill, throw or delay:MS, got ""'],
    ['move.chunk=kill@0', 'expected a passage from 1 after @, got "0"'],
  ])('%s is refused: %s', (settings, message) => {
    expect(() => new Failpoints(settings)).toThrow(message);
    expect(() => readWorkerEnv({ ...WORKER, NODE_ENV: 'test', FAILPOINTS: settings })).toThrow(
      `Bad settings. FAILPOINTS: ${message}.`,
    );
  });

  it.each([undefined, 'production', 'development'])(
    'are refused in one sentence where NODE_ENV is %s',
    (NODE_ENV) => {
      const failing = { FAILPOINTS: 'move.chunk=kill', ...(NODE_ENV !== undefined && { NODE_ENV }) };
      const refused = new BadSettingError(
        'Bad settings. FAILPOINTS: makes the program fail and is for tests alone (NODE_ENV=test); unset it.',
      );
      expect(() => readWorkerEnv({ ...WORKER, ...failing })).toThrow(refused);
      expect(() => readGatewayEnv({ ...GATEWAY, ...failing })).toThrow(refused);
      expect(readGatewayEnv({ ...GATEWAY, ...failing, NODE_ENV: 'test' }).FAILPOINTS).toBe('move.chunk=kill');
      expect(readWorkerEnv({ ...WORKER, ...(NODE_ENV !== undefined && { NODE_ENV }) }).FAILPOINTS).toBe('');
    },
  );
});
