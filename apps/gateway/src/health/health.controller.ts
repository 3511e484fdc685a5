import { Controller, Get } from '@nestjs/common';
import { JobProducer } from '@commissary/queue';
import { Database } from '@commissary/store';
import { Public } from '../auth/access.decorators.js';
import { Answer } from '../http/answer.js';
import { stateOf } from './state-of.js';

/** For those who run it: is the process alive, can it serve? [OPS-2] */
@Controller()
@Public()
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly producer: JobProducer,
  ) {}

  @Get('healthz')
  alive() {
    return { status: 'ok' };
  }

  /** Without MongoDB nothing is served (503). Redis away is shown, and no reason: accepted work waits in MongoDB. [OPS-4] */
  @Get('readyz')
  async ready() {
    const [mongodb, redis] = await Promise.all([
      stateOf(this.database.ping()),
      stateOf(this.producer.ping()),
    ]);
    const ready = mongodb === 'up';
    return new Answer(ready ? 200 : 503, { status: ready ? 'ok' : 'unready', mongodb, redis });
  }
}
