import { defineCollection } from '../schema/define-collection.js';
import { required } from '../schema/fields.js';

/** What the second half of a move has done: users by outcome, and chunks written. */
export interface TailCounts {
  moved: number;
  alreadyLicensed: number;
  skipped: number;
  chunks: number;
}

/**
 * The second half of a move of many, which goes on beside the first: its own cursor, fence and counts, so that the two write no
 * document in common. Its counts are cumulative; the first half takes them over into the hot counters. Gone once they met.
 */
export interface MoveTailDocument extends TailCounts {
  /** The operation's id. */
  _id: string;
  tenantId: string;
  /** The run's that may write; 0 while nobody may. */
  fence: number;
  /** The last user id of the first half. */
  middle: string;
  /** The last user id dealt with; the middle one before the first. */
  cursor: string;
}

export const moveTails = defineCollection<MoveTailDocument>('moveTails', {
  owner: 'tenant',
  retention: null,
  fields: {
    _id: required(String),
    tenantId: required(String),
    fence: required(Number),
    middle: required(String),
    cursor: required(String),
    moved: required(Number),
    alreadyLicensed: required(Number),
    skipped: required(Number),
    chunks: required(Number),
  },
  indexes: [],
});
