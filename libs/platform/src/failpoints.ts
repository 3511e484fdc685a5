/**
 * Every gap between two steps of accepting, dispatching, claiming, charging, recording, committing and mailing. What is `...ing` lies
 * before its step (or inside its transaction, before the commit), what is past tense right after it.
 */
export const FAILPOINT_NAMES = [
  // The gateway accepts a request: before, in and after its transaction, and once the worker has been woken up.
  'accept.checked',
  'accept.committing',
  'accept.committed',
  'accept.enqueued',
  // The dispatcher: what is due was found, and was enqueued.
  'dispatch.found',
  'dispatch.enqueued',
  // Any run: claimed, handed back to MongoDB, and handed back to the queue.
  'run.claimed',
  'run.released',
  'run.woken',
  // A purchase; `asking` and `charged` are of every charge, whatever it pays for.
  'purchase.beginning',
  'purchase.begun',
  'purchase.asking',
  'purchase.charged',
  'purchase.recording',
  'purchase.completed',
  'purchase.mailsWoken',
  'seatChange.beginning',
  'seatChange.begun',
  'seatChange.taking',
  'seatChange.taken',
  'seatChange.completing',
  'seatChange.completed',
  'lifecycle.stepping',
  'lifecycle.stepped',
  'renewal.beginning',
  'renewal.begun',
  'renewal.recording',
  'renewal.completed',
  'move.opened',
  'move.moving',
  'move.chunk',
  'move.tailMoving',
  'move.tailChunk',
  'move.meeting',
  'move.met',
  'move.closing',
  'move.closed',
  'move.completing',
  'move.completed',
  'cancellation.cutting',
  'cancellation.cut',
  'cancellation.sweeping',
  'cancellation.chunk',
  'cancellation.completing',
  'cancellation.completed',
  'refund.asking',
  'refund.given',
  'refund.recorded',
  'notification.claimed',
  'notification.sent',
  'notification.recorded',
] as const;

export type FailpointName = (typeof FAILPOINT_NAMES)[number];

type Action = { kind: 'kill' } | { kind: 'throw' } | { kind: 'delay'; ms: number };

interface Failpoint {
  action: Action;
  only: number | null;
  passed: number;
}

/** The text says what was expected; the setting's name is for the caller to add. */
export class BadFailpointError extends Error {
  override readonly name = 'BadFailpointError';
}

const isName = (name: string): name is FailpointName => (FAILPOINT_NAMES as readonly string[]).includes(name);

const parseAction = (text: string): Action => {
  if (text === 'kill') return { kind: 'kill' };
  if (text === 'throw') return { kind: 'throw' };
  const delay = /^delay:(\d+)$/.exec(text);
  if (delay) return { kind: 'delay', ms: Number(delay[1]) };
  throw new BadFailpointError(`expected kill, throw or delay:MS, got "${text}"`);
};

const parsePoint = (text: string): [FailpointName, Failpoint] => {
  const [name = '', rest = ''] = text.split('=');
  if (!isName(name)) throw new BadFailpointError(`there is no failpoint "${name}"`);
  const [action = '', only] = rest.split('@');
  if (only !== undefined && !/^[1-9]\d*$/.test(only)) {
    throw new BadFailpointError(`expected a passage from 1 after @, got "${only}"`);
  }
  return [name, { action: parseAction(action), only: only ? Number(only) : null, passed: 0 }];
};

/**
 * Named points between two steps at which a test makes this process die, throw or wait.
 * `FAILPOINTS="purchase.charged=kill,move.chunk=throw@3"`: the action is `kill`, `throw` or `delay:MS`, `@N` for the
 * N-th passage only. Unset (always, outside tests) every call returns at once.
 */
export class Failpoints {
  private readonly points: ReadonlyMap<FailpointName, Failpoint>;

  /** Throws `BadFailpointError`. */
  constructor(settings: string) {
    const parts = settings.split(',').map((part) => part.trim());
    this.points = new Map(parts.filter(Boolean).map(parsePoint));
  }

  async hit(name: FailpointName): Promise<void> {
    const point = this.points.get(name);
    if (!point) return;
    point.passed += 1;
    if (point.only !== null && point.passed !== point.only) return;
    await perform(point.action, name);
  }
}

const perform = async (action: Action, name: FailpointName): Promise<void> => {
  if (action.kind === 'throw') throw new Error(`failpoint ${name}`);
  // The signal may take a moment: nothing more is to be done in it.
  if (action.kind === 'kill') process.kill(process.pid, 'SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, action.kind === 'delay' ? action.ms : 60_000));
};

export const NO_FAILPOINTS = new Failpoints('');
