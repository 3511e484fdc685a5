import { arch, cpus, platform, release, totalmem } from 'node:os';
import type { Stores } from './stores.js';

/** What the figures were measured on, in words. */
export type Machine = Record<string, string>;

export const describeMachine = ({ versions }: Stores): Machine => ({
  date: new Date().toISOString().slice(0, 10),
  processor: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  system: `${platform()} ${release()} ${arch()}`,
  Node: process.versions.node,
  mongod: `${versions.mongod}, one-member replica set, journaled, w: majority`,
  Redis: `${versions.redis}, AOF every second`,
});
