/**
 * Named points between two steps at which a test makes this process die, throw or wait.
 * `FAILPOINTS="purchase.charged=kill,move.chunk=throw:3"`: the action is `kill`, `throw` or `delay:MS`, optionally `@N` for the
 * N-th passage only. Unset (always, outside tests) every call returns at once.
 */
type Action = { kind: 'kill' } | { kind: 'throw' } | { kind: 'delay'; ms: number };

interface Failpoint {
  action: Action;
  only: number | null;
  passed: number;
}

const parseAction = (text: string): Action => {
  if (text === 'kill') return { kind: 'kill' };
  if (text === 'throw') return { kind: 'throw' };
  const delay = /^delay:(\d+)$/.exec(text);
  if (delay) return { kind: 'delay', ms: Number(delay[1]) };
  throw new Error(`FAILPOINTS: expected kill, throw or delay:MS, got "${text}"`);
};

export class Failpoints {
  private readonly points = new Map<string, Failpoint>();

  constructor(settings: string) {
    for (const part of settings
      .split(',')
      .map((s) => s.trim())
      .filter(Boolean)) {
      const [name = '', rest = ''] = part.split('=');
      const [action = '', only] = rest.split('@');
      this.points.set(name, { action: parseAction(action), only: only ? Number(only) : null, passed: 0 });
    }
  }

  async hit(name: string): Promise<void> {
    const point = this.points.get(name);
    if (!point) return;
    point.passed += 1;
    if (point.only !== null && point.passed !== point.only) return;
    await perform(point.action, name);
  }
}

const perform = async (action: Action, name: string): Promise<void> => {
  if (action.kind === 'kill') process.kill(process.pid, 'SIGKILL');
  if (action.kind === 'throw') throw new Error(`failpoint ${name}`);
  if (action.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, action.ms));
};

export const NO_FAILPOINTS = new Failpoints('');
