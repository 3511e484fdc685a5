import type { FaultMode, FaultsAnswer, FaultsRequest } from './contract.js';

/** One fault as it applies to one new charge. */
export interface Fault {
  mode: FaultMode;
  delayMs: number;
}

const DEFAULT_DELAY_MS = 1_000;
const NO_FAULT: Fault = { mode: 'none', delayMs: 0 };

/** The fault that is switched on, and for how many more new charges. */
export class FaultSwitch {
  private fault = NO_FAULT;
  private left = Infinity;
  private readonly met: FaultsAnswer['met'] = {};

  set(request: FaultsRequest): void {
    this.fault = { mode: request.mode, delayMs: request.delayMs ?? DEFAULT_DELAY_MS };
    this.left = request.count ?? Infinity;
  }

  /** The fault for the next new charge; uses up one of `count`. */
  take(): Fault {
    if (this.fault.mode === 'none') return NO_FAULT;
    const taken = this.fault;
    this.met[taken.mode] = (this.met[taken.mode] ?? 0) + 1;
    this.left -= 1;
    if (this.left <= 0) this.fault = NO_FAULT;
    return taken;
  }

  current(): FaultsAnswer {
    const { mode, delayMs } = this.fault;
    const met = { ...this.met };
    if (mode === 'none') return { mode, met };
    return { mode, delayMs, ...(Number.isFinite(this.left) ? { count: this.left } : {}), met };
  }
}
