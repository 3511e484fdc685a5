import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = path.resolve(__dirname, '../..');
const REGISTER = 'docs/rules.md';
const SEARCHED = ['README.md', 'CHANGELOG.md', 'apps', 'docs', 'libs', 'scripts', 'stack', 'test'];
const SKIPPED = new Set(['node_modules', 'dist', '.run']);
const TEXT = /\.(ts|tsx|mjs|cjs|md)$/;

/** They look like ids of rules and are none. */
const OTHER_WORDS = new Set(['UTF-8', 'SHA-256', 'PO-4711']);

const filesIn = (place: string): string[] => {
  if (TEXT.test(place)) return place === REGISTER || place.endsWith(path.basename(__filename)) ? [] : [place];
  if (/\.[^/]*$/.test(place)) return [];
  return readdirSync(path.join(ROOT, place), { withFileTypes: true })
    .filter((entry) => !SKIPPED.has(entry.name) && (entry.isDirectory() || TEXT.test(entry.name)))
    .flatMap((entry) => filesIn(`${place}/${entry.name}`));
};

const idsIn = (text: string): string[] =>
  (text.match(/\b[A-Z]{2,4}-\d+\b/g) ?? []).filter((id) => !OTHER_WORDS.has(id));

const lines = readFileSync(path.join(ROOT, REGISTER), 'utf8').split('\n');
const entries = lines.flatMap((line) => {
  const [, id, sentence = ''] = /^- ([A-Z]{2,4}-\d+): (.*)$/.exec(line) ?? [];
  return id === undefined ? [] : [{ id, sentence }];
});
const registered = new Set(entries.map(({ id }) => id));

/** Each id that is named somewhere, with a file that names it. */
const named = new Map(
  SEARCHED.flatMap(filesIn).flatMap((file) =>
    idsIn(readFileSync(path.join(ROOT, file), 'utf8')).map((id) => [id, file] as const),
  ),
);

describe('the register of rules, docs/rules.md', () => {
  it('has every id that code, tests and documents name', () => {
    expect([...named].filter(([id]) => !registered.has(id))).toEqual([]);
  });

  it('has no id that nothing names, unless it is marked as planned', () => {
    const unused = entries.filter(({ id, sentence }) => !named.has(id) && !sentence.endsWith('(planned)'));
    expect(unused).toEqual([]);
  });

  it('has each id once, with a sentence', () => {
    expect(entries.length).toBe(registered.size);
    expect(entries.filter(({ sentence }) => !/^[A-Z`].*(\.|\(planned\))$/.test(sentence))).toEqual([]);
  });
});
