import path from 'node:path';

/** The repository's root; the same from `src` and from `dist`. */
export const ROOT = path.resolve(import.meta.dirname, '../..');

/** A program of this repository that was built. */
export const built = (workspace: string, file: string): string => path.join(ROOT, workspace, 'dist', file);

export const defaultRunDir = (): string =>
  path.resolve(process.env['COMMISSARY_RUN_DIR'] || path.join(ROOT, '.run'));
