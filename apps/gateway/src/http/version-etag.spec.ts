import { describe, expect, it } from '@jest/globals';
import { ifMatchVersion, versionEtag } from './version-etag.js';

describe('[EXT-1] If-Match', () => {
  it.each<[string | undefined, number | null]>([
    [undefined, null],
    ['*', null],
    ['"7"', 7],
    [versionEtag(12), 12],
    ['7', -1],
    ['W/"7"', -1],
    ['"abc"', -1],
  ])('%s means version %s', (header, version) => {
    expect(ifMatchVersion(header)).toBe(version);
  });
});
