import type { EventDocument } from '@commissary/store';
import type { Snapshot } from '../reading/snapshot.js';

type Told = Pick<EventDocument, '_id' | 'type' | 'subjectId' | 'data' | 'at'>;

/** The day itself, and one in which nobody may have been there to tell of it. */
const WAITS_AT_MOST_MS = 2 * 86_400_000;

/** Of purchases that are told of once a day: each waits for the digest of its day, or is in the one there is. [ADM-8] */
export class DigestFaults {
  /** Tenant and day. */
  private readonly told = new Set<string>();

  constructor(
    private readonly snapshot: Snapshot,
    private readonly now: Date,
  ) {}

  /** Events, all of which are recent enough for their digest to be there, and what is wrong with each that is. */
  async of(events: readonly Told[]): Promise<ReadonlyMap<string, string>> {
    const waiting = events.filter(({ data }) => data['digested'] === true);
    const entries = await this.snapshot.byIds(
      'digestEntries',
      waiting.map(({ _id }) => _id),
      ['digestEventId'],
    );
    const digestIds = [...entries.values()].map(({ digestEventId }) => digestEventId);
    const digests = await this.snapshot.byIds('events', digestIds, ['type']);
    const faults = new Map<string, string>();
    for (const { _id, at } of waiting) {
      const entry = entries.get(_id);
      const late = this.now.getTime() - at.getTime() > WAITS_AT_MOST_MS;
      const id = entry?.digestEventId ?? null;
      if (!entry) faults.set(_id, 'is told of in no digest');
      else if (id === null && late) faults.set(_id, 'has waited for its digest for more than two days');
      else if (id !== null && digests.get(id)?.type !== 'purchases.digested') {
        faults.set(_id, `is told of by ${id}, which is no digest`);
      }
    }
    for (const event of events) if (this.isSecond(event)) faults.set(event._id, 'tells of a day again');
    return faults;
  }

  private isSecond({ type, subjectId, data }: Told): boolean {
    if (type !== 'purchases.digested') return false;
    const day = `${subjectId}:${String(data['on'])}`;
    if (this.told.has(day)) return true;
    this.told.add(day);
    return false;
  }
}
