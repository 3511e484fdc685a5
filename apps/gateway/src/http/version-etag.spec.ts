import { describe, expect, it } from '@jest/globals';
import { ifMatchVersion, requiredIfMatchVersion, versionEtag } from './version-etag.js';

describe('[EXT-1] If-Match', () => {
  it.each<[string | undefined, number | null]>([
    [undefined, null],
    ['*', null],
    ['"7"', 7],
    [versionEtag(12), 12],
    [versionEtag(12, { items: [] }), 12],
    ['"12.a b"', -1],
    ['7', -1],
    ['W/"7"', -1],
    ['"abc"', -1],
  ])('%s means version %s', (header, version) => {
    expect(ifMatchVersion(header)).toBe(version);
  });

  it('[POL-6] is asked for by its name where it has to be sent', () => {
    expect(requiredIfMatchVersion('"7"')).toBe(7);
    expect(requiredIfMatchVersion('*')).toBeNull();
    for (const header of [undefined, ' ']) {
      expect(() => requiredIfMatchVersion(header)).toThrow(
        expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining('If-Match') }),
      );
    }
  });

  it('answers of one version that differ have tags that differ', () => {
    expect(versionEtag(3, { items: ['a'] })).toBe(versionEtag(3, { items: ['a'] }));
    expect(versionEtag(3, { items: ['a'] })).not.toBe(versionEtag(3, { items: ['b'] }));
  });
});
