import { Inject, Injectable } from '@nestjs/common';
import { utcDay } from '@commissary/domain';
import type { Logger } from '@commissary/platform';
import { CapacityRepository, DatabaseClock } from '@commissary/store';
import { LOGGER } from '../tokens.js';

/** Writes down once a day how many seats there are, for the trend of the capacity view. [ADM-4] */
@Injectable()
export class CapacitySampler {
  private lastDay = '';
  private running = false;

  constructor(
    private readonly capacity: CapacityRepository,
    private readonly clock: DatabaseClock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Begins it where this day has no samples yet, and waits for nothing: of a million subscriptions it takes a minute, and a worker that
   * stops does not wait for it. Whoever is asked after the lease makes it whole. [OPS-3]
   */
  begin(): void {
    const now = this.clock.now();
    if (this.running || utcDay(now) === this.lastDay) return;
    this.running = true;
    void this.sample(now).finally(() => {
      this.running = false;
    });
  }

  private async sample(now: Date): Promise<void> {
    try {
      if (await this.capacity.sampleDay(now)) this.lastDay = utcDay(now);
    } catch (error) {
      this.logger.warn({ day: utcDay(now), error: (error as Error).message }, 'capacity not sampled');
    }
  }
}
