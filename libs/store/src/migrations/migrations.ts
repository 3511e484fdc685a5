import { stepsToDeclared } from './declared-shape.js';
import type { Migration } from './migration.js';

/**
 * Every migration, in order. A change of an index or a schema adds one at the end; only the last one makes the database what is
 * declared, for the declarations of earlier versions are gone.
 */
export const MIGRATIONS: readonly Migration[] = [
  { id: '0001-declared-collections', fingerprint: 'd21b4f66b7453921', steps: stepsToDeclared },
];
