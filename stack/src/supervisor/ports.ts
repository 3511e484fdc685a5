import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';
import { StackError } from '../stack-error.js';

export const HOST = '127.0.0.1';

/** Below the range from which systems give ports to outgoing connections, so that none is taken between the look and the use. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TRIES = 200;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: HOST, exclusive: true }, () => probe.close(() => resolve(true)));
  });

/** Hands out loopback ports, none of them twice. */
export class Ports {
  private readonly given = new Set<number>();

  /** `wanted`, or a free one. Throws `StackError` naming `flag` if the wanted one is taken. */
  async take(flag: string, wanted: number | undefined): Promise<number> {
    if (wanted === undefined) return this.free();
    if (this.given.has(wanted) || !(await isFree(wanted))) {
      throw new StackError(
        `Port ${wanted} is taken: choose another with ${flag}, or leave ${flag} out for a free one.`,
      );
    }
    this.given.add(wanted);
    return wanted;
  }

  private async free(): Promise<number> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const port = randomInt(LOWEST, HIGHEST);
      if (this.given.has(port) || !(await isFree(port))) continue;
      this.given.add(port);
      return port;
    }
    throw new StackError(
      `No free port was found between ${LOWEST} and ${HIGHEST}: stop some programs and try again.`,
    );
  }
}
