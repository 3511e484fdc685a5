/** Time as decisions see it: the database's, plus a test's offset. Never the process's own. */
export interface Clock {
  now(): Date;
}

export const fixedClock = (at: Date): Clock => ({ now: () => new Date(at) });
