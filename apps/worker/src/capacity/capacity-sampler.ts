import { Inject, Injectable } from '@nestjs/common';
import { utcDay } from '@commissary/domain';
import type { Logger } from '@commissary/platform';
import { CapacityRepository, DatabaseClock } from '@commissary/store';
import { LOGGER } from '../tokens.js';

/** Writes down once a day how many seats there are, for the trend of the capacity view. [ADM-4] */
@Injectable()
export class CapacitySampler {
  private lastDay = '';

  constructor(
    private readonly capacity: CapacityRepository,
    private readonly clock: DatabaseClock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Cheap once the day is sampled. Throws nothing: the next sweep tries again, and a day that was missed is a gap in the trend. */
  async sample(): Promise<void> {
    const now = this.clock.now();
    const day = utcDay(now);
    if (day === this.lastDay) return;
    try {
      if (!(await this.capacity.sampleDay(now))) return;
      this.lastDay = day;
    } catch (error) {
      this.logger.warn({ day, error: (error as Error).message }, 'capacity not sampled');
    }
  }
}
