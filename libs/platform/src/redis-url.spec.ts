import { describe, expect, it } from '@jest/globals';
import { parseRedisUrl } from './redis-url.js';

describe('the address of Redis', () => {
  it.each(['redis://127.0.0.1', 'rediss://user:secret@redis.example:6380/2'])(
    'is one server when it is %s',
    (url) => {
      expect(parseRedisUrl(url)).toEqual({ kind: 'server', url });
    },
  );

  it('is a cluster when it names nodes, each with its port or the usual one', () => {
    expect(parseRedisUrl('redis+cluster://10.0.0.1:7001,redis.example,[::1]:7003')).toEqual({
      kind: 'cluster',
      nodes: [
        { host: '10.0.0.1', port: 7001 },
        { host: 'redis.example', port: 6379 },
        { host: '::1', port: 7003 },
      ],
      username: undefined,
      password: undefined,
      tls: false,
    });
  });

  it('carries the credentials of every node, and whether they are reached by TLS', () => {
    expect(parseRedisUrl('rediss+cluster://commissary:p%40ss@a:1,b:2')).toMatchObject({
      username: 'commissary',
      password: 'p@ss',
      tls: true,
    });
  });

  it.each([
    '',
    'localhost:6379',
    'http://localhost',
    'redis+cluster://',
    'redis+cluster://a:1,,b:2',
    'redis+cluster://a:one',
    'redis+cluster://a:1/2',
    'redis://a:1,redis://b:2',
  ])('is refused when it is %j', (value) => {
    expect(parseRedisUrl(value)).toBeNull();
  });
});
