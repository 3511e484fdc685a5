import { SeededRandom } from '../../support/seeded-random.js';

/** Chooses moments and faults; printed with the test's name, and the same again by `FAULTS_SEED=`. */
export const seededFor = (name: string): SeededRandom => {
  const given = process.env['FAULTS_SEED'];
  const seed = given === undefined || given === '' ? SeededRandom.anySeed() : Number(given);
  process.stdout.write(`${name}: FAULTS_SEED=${seed}\n`);
  return new SeededRandom(seed).fork(name);
};
