import { describe, expect, it } from '@jest/globals';
import { BadSettingError, readWorkerEnv } from './env.js';

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
