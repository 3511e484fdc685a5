import { Controller, Get } from '@nestjs/common';
import { JobProducer } from '@commissary/queue';
import { Database } from '@commissary/store';
import { Public } from '../auth/access.decorators.js';
import { Answer } from '../http/answer.js';

const PATIENCE_MS = 2_000;

type State = 'up' | 'down';

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

const stateOf = async (ping: Promise<unknown>): Promise<State> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<State>((resolve) => {
    timer = setTimeout(() => resolve('down'), PATIENCE_MS);
  });
  try {
    return await Promise.race([ping.then((): State => 'up').catch((): State => 'down'), late]);
  } finally {
    clearTimeout(timer);
  }
};
