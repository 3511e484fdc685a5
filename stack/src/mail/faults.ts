import { z } from 'zod';

/** Body of `PUT /faults`; `count` messages (for `down`: connections), or all until the next `PUT`. */
export const mailFaultsRequest = z.strictObject({
  mode: z.enum(['none', 'refuse451', 'refuse550', 'dropAfterData', 'down']),
  count: z.int().positive().optional(),
});
export type MailFaults = z.infer<typeof mailFaultsRequest>;
export type MailFaultMode = MailFaults['mode'];

export class MailFaultSwitch {
  private faults: MailFaults = { mode: 'none' };

  set(faults: MailFaults): void {
    this.faults = faults;
  }

  current(): MailFaults {
    return this.faults;
  }

  /** The fault for one connection or one message; uses up one of `count` if it applies there. */
  take(at: 'connection' | 'message'): MailFaultMode {
    const { mode, count } = this.faults;
    if (mode === 'none' || (mode === 'down') !== (at === 'connection')) return 'none';
    if (count !== undefined) this.faults = count > 1 ? { mode, count: count - 1 } : { mode: 'none' };
    return mode;
  }
}
