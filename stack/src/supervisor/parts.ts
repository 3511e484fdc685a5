/** The parts of the stack by name, in the order they start. */
import { QUEUES } from '@commissary/contracts';
import { StackError } from '../stack-error.js';

const STORES = ['mongod', 'redis-server'] as const;
const STAND_INS = ['payments', 'mail', 'issuer'] as const;
const WORKERS = QUEUES.map((queue) => `worker:${queue}` as const);
export const PARTS = [...STORES, ...STAND_INS, 'gateway', ...WORKERS] as const;
export type Part = (typeof PARTS)[number];

/** What a part cannot run without. */
const NEEDS: Record<Part, readonly Part[]> = {
  mongod: [],
  'redis-server': [],
  payments: [],
  mail: [],
  issuer: ['mongod'],
  gateway: ['mongod', 'redis-server', 'payments', 'issuer'],
  'worker:purchases': ['mongod', 'redis-server', 'payments', 'mail'],
  'worker:license-moves': ['mongod', 'redis-server', 'payments', 'mail'],
  'worker:cancellations': ['mongod', 'redis-server', 'payments', 'mail'],
  'worker:renewals': ['mongod', 'redis-server', 'payments', 'mail'],
  'worker:notifications': ['mongod', 'redis-server', 'payments', 'mail'],
};

const isPart = (name: string): name is Part => (PARTS as readonly string[]).includes(name);

/**
 * The parts named by `--only`, with what they need; all of them without it. `workers` stands for every worker.
 * Throws `StackError` for a name that is none.
 */
export const chooseParts = (only: readonly string[] | undefined): ReadonlySet<Part> => {
  if (only === undefined) return new Set(PARTS);
  const chosen = new Set<Part>();
  for (const name of only.flatMap((each) => (each === 'workers' ? WORKERS : [each]))) {
    if (!isPart(name))
      throw new StackError(`"${name}" is no part of the stack: choose from ${PARTS.join(', ')}, workers.`);
    for (const part of [name, ...NEEDS[name]]) chosen.add(part);
  }
  return chosen;
};
