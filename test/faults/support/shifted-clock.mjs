/** Preloaded into a process: its wall clock is off by CLOCK_OFF_MS, as on a machine whose time is wrong. */
const off = Number(process.env.CLOCK_OFF_MS);
const RealDate = Date;

globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + off);
    else super(...given);
  }

  static now() {
    return RealDate.now() + off;
  }
};
