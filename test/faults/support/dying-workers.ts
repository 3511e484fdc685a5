import { setTimeout as delay } from 'node:timers/promises';
import type { QueueName } from '@commissary/contracts';
import type { FailpointName } from '@commissary/platform';
import type { SeededRandom } from '../../support/seeded-random.js';
import { launchWorker, type Service } from './service.js';

/** Where a worker is to die; at any moment where it is null. */
type Death = FailpointName | null;

export interface DyingWorkers {
  queues: readonly QueueName[];
  points: readonly FailpointName[];
  /** How many die at each point, and how many at any moment. */
  perPoint: number;
  anywhere: number;
  /** How many live at once. */
  atOnce: number;
  random: SeededRandom;
  /** Before each worker that starts: work for it. */
  beforeEach: (life: number) => Promise<void>;
}

/** Deaths by point; `anywhere` counts those by a signal from outside. */
export type Deaths = Partial<Record<FailpointName | 'anywhere', number>>;

/** A worker that does not come to its point in this time is killed where it is, and another one is sent there. */
const COMES_THERE_WITHIN_MS = 6_000;
const DIES_WITHIN_MS = 3_000;
const MOST_PASSAGES = 4;
/** For those that did not come to their point the first time. */
const SPARE_LIVES = 1;

/** What is due is looked for now and then: its points are passed too seldom to wait for another passage. */
const isPassedSeldom = (point: FailpointName): boolean => /^(dispatch|lifecycle|renewal)\./.test(point);

const launch = ({ queues, random }: DyingWorkers, point: Death): Service => {
  if (point === null) return launchWorker({ queues });
  const passage = isPassedSeldom(point) ? 1 : random.int(1, MOST_PASSAGES);
  return launchWorker({ queues, failpoints: { [point]: `kill@${passage}` } });
};

/** Whether it died where it should. */
const liveAndDie = async (settings: DyingWorkers, point: Death): Promise<boolean> => {
  const dieAfterMs = point === null ? settings.random.int(0, DIES_WITHIN_MS) : COMES_THERE_WITHIN_MS;
  const worker = launch(settings, point);
  await worker.ready().catch(() => undefined);
  const timer = new AbortController();
  const diedAlone = await Promise.race([
    worker.exited.then(() => true),
    delay(dieAfterMs, false, { signal: timer.signal }).catch(() => false),
  ]);
  timer.abort();
  const { signal, code } = diedAlone ? await worker.exited : await worker.kill();
  if (signal !== 'SIGKILL') {
    throw new Error(`a worker ended with ${code}, last: ${JSON.stringify(worker.lines.slice(-3))}`);
  }
  return point === null || diedAlone;
};

/** How many workers it takes if each dies where it should. */
export const plannedLives = ({ points, perPoint, anywhere }: DyingWorkers): number =>
  points.length * perPoint + anywhere;

/** Worker after worker, each killed between two steps or at any moment, until all have died as planned. */
export const workersDie = async (settings: DyingWorkers): Promise<Deaths> => {
  const { points, perPoint, anywhere, atOnce, random } = settings;
  const perRound = (length: number, of: readonly Death[]): Death[] => Array.from({ length }, () => of).flat();
  const planned = random.shuffled([...perRound(perPoint, points), ...perRound(anywhere, [null])]);
  const mostLives = plannedLives(settings) * (1 + SPARE_LIVES);
  const deaths: Deaths = {};
  let lives = 0;
  const keep = async (): Promise<void> => {
    for (let point = planned.shift(); point !== undefined; point = planned.shift()) {
      lives += 1;
      await settings.beforeEach(lives);
      const asPlanned = await liveAndDie(settings, point);
      const where = asPlanned ? (point ?? 'anywhere') : 'anywhere';
      deaths[where] = (deaths[where] ?? 0) + 1;
      if (asPlanned) continue;
      if (lives >= mostLives)
        throw new Error(`after ${lives} lives nobody has died at ${point ?? 'any moment'}`);
      planned.push(point);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, keep));
  return deaths;
};
