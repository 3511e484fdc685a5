import type { EventDocument } from '@commissary/store';
import type { Snapshot } from '../reading/snapshot.js';

type DigestedEvent = Pick<EventDocument, '_id' | 'type' | 'subjectId' | 'data' | 'at'>;

/** A purchase waits for its day to end, and the digest may come up to a day later. */
const WAITS_AT_MOST_MS = 2 * 86_400_000;

/** Checks purchases that go into a daily digest: each waits for the digest of its day, or is in the one that exists. [ADM-8] */
export class DigestFaults {
  /** Tenant and day. */
  private readonly daysSeen = new Set<string>();

  constructor(
    private readonly snapshot: Snapshot,
    private readonly now: Date,
  ) {}

  /** Events, all of which are recent enough for their digest to be there, and what is wrong with each that is. */
  async of(events: readonly DigestedEvent[]): Promise<ReadonlyMap<string, string>> {
    const waiting = events.filter(({ data }) => 'digested' in data && data.digested === true);
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
      if (!entry) faults.set(_id, 'is in no digest');
      else if (id === null && late) faults.set(_id, 'has waited for its digest for more than two days');
      else if (id !== null && digests.get(id)?.type !== 'purchases.digested') {
        faults.set(_id, `names ${id} as its digest, which is no digest`);
      }
    }
    for (const event of events)
      if (this.isSecond(event)) faults.set(event._id, 'is a second digest of its day');
    return faults;
  }

  private isSecond({ type, subjectId, data }: DigestedEvent): boolean {
    if (type !== 'purchases.digested' || !('on' in data)) return false;
    const day = `${subjectId}:${data.on}`;
    if (this.daysSeen.has(day)) return true;
    this.daysSeen.add(day);
    return false;
  }
}
