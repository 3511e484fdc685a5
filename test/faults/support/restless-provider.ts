import { setTimeout as delay } from 'node:timers/promises';
import { fetch } from '@commissary/stack/http';
import { eventually } from '../../e2e/support/eventually.js';
import { paymentFaults } from '../../e2e/support/outside.js';
import { stack } from '../../e2e/support/stack.js';
import type { SeededRandom } from '../../support/seeded-random.js';
import { killedAndBack } from './outsiders.js';

export const PROVIDER_FAULTS = ['timeoutBefore', 'timeoutAfter', 'late', 'http500', 'dropResponse'] as const;
type ProviderFault = (typeof PROVIDER_FAULTS)[number];

type Met = Record<ProviderFault, number>;

/** A round of moods; each comes this often in it, in any order. Half of the time it is well, lest nothing come further. */
const ROUND = [...PROVIDER_FAULTS, ...PROVIDER_FAULTS.map(() => 'none' as const)];

const MOOD_MS = { least: 100, most: 600 };
/** Some beyond the 5 s after which a call counts as unanswered. */
const LATE_MS = { least: 100, most: 7_000 };
/** A fault that nothing has met yet stays until something does, but not for ever. */
const MET_WITHIN_MS = 4_000;

const nothingMet = (): Met => ({ timeoutBefore: 0, timeoutAfter: 0, late: 0, http500: 0, dropResponse: 0 });

const metNow = async (): Promise<Partial<Met>> => {
  const response = await fetch(`${stack().paymentsUrl}/faults`);
  return ((await response.json()) as { met: Partial<Met> }).met;
};

/** A provider that fails in all its ways by turns, and is killed after each round, until it is healed. */
export class RestlessProvider {
  deaths = 0;
  private readonly before = nothingMet();
  private healed = false;
  private readonly failing: Promise<void>;

  constructor(private readonly random: SeededRandom) {
    this.failing = this.fail();
    this.failing.catch(() => undefined);
  }

  /** From now on it answers as it should; how many charges met which fault. */
  async heal(): Promise<Met> {
    this.healed = true;
    await this.failing;
    await paymentFaults({ mode: 'none' });
    return this.met();
  }

  private async fail(): Promise<void> {
    for (;;) {
      for (const mood of this.random.shuffled(ROUND)) {
        if (this.healed) return;
        await this.be(mood);
      }
      await this.die();
    }
  }

  private async be(mode: ProviderFault | 'none'): Promise<void> {
    const delayMs = this.random.int(LATE_MS.least, LATE_MS.most);
    await paymentFaults(mode === 'late' ? { mode, delayMs } : { mode });
    const until = performance.now() + MET_WITHIN_MS;
    await delay(this.random.int(MOOD_MS.least, MOOD_MS.most));
    if (mode === 'none') return;
    while (!this.healed && performance.now() < until && (await this.met())[mode] === 0) await delay(50);
  }

  /** What it counted dies with it; what it charged does not. */
  private async die(): Promise<void> {
    Object.assign(this.before, await this.met());
    await killedAndBack('payments');
    await eventually('the provider answers', () => metNow().catch(() => undefined));
    this.deaths += 1;
  }

  private async met(): Promise<Met> {
    const now = await metNow();
    const sums = nothingMet();
    for (const fault of PROVIDER_FAULTS) sums[fault] = this.before[fault] + (now[fault] ?? 0);
    return sums;
  }
}
