import { describe, expect, it } from '@jest/globals';
import { atLeast, MONGOD, parseVersion, REDIS_SERVER } from './program.js';

describe('versions of the programs', () => {
  it.each([
    [MONGOD, 'db version v6.0.5\nBuild Info: {', [6, 0, 5]],
    [MONGOD, 'db version v8.0.12', [8, 0, 12]],
    [REDIS_SERVER, 'Redis server v=6.2.14 sha=00000000:0 malloc=libc bits=64', [6, 2, 14]],
    [REDIS_SERVER, 'Valkey server v=8.0.1 sha=00000000:0', [8, 0, 1]],
    [REDIS_SERVER, 'command not found', undefined],
  ])('RUN-1 reads what $name says: %s', (program, output, version) => {
    expect(parseVersion(program, output)).toEqual(version);
  });

  it.each([
    [[6, 2, 0], true],
    [[6, 2, 14], true],
    [[7, 0, 0], true],
    [[6, 0, 16], false],
    [[5, 9, 9], false],
  ] as const)('RUN-1 %s is 6.2 or later: %s', (version, expected) => {
    expect(atLeast(version, REDIS_SERVER.minimum)).toBe(expected);
  });
});
