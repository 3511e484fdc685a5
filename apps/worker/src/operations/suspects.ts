import type { OperationDocument } from '@commissary/store';

/** Starts without a step that may have another's fault: whoever kills its process takes down all that run beside it. */
const TRUSTED_STARTS = 2;

type Started = Pick<OperationDocument, '_id' | 'starts'>;

/**
 * What was started several times and came no further may be what kills its process. Such run one at a time, so that each but the
 * guilty one comes further and is trusted again, and that one is parked alone. [OPS-1]
 */
export class Suspects {
  private running: string | null = null;

  /** False if another suspect is at work: hand it back and come again. */
  admit({ _id, starts }: Started): boolean {
    if (starts <= TRUSTED_STARTS) return true;
    if (this.running !== null) return false;
    this.running = _id;
    return true;
  }

  leave({ _id }: Pick<Started, '_id'>): void {
    if (this.running === _id) this.running = null;
  }
}
