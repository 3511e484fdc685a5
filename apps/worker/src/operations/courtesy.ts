import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DatabaseClock, OperationRuns } from '@commissary/store';

/** Bulk work that shares a process asks together, and not more often than this, ms. */
const ASKED_EVERY_MS = 20;

/** The longest rest between two chunks, ms: bulk work comes on however many people buy. */
const LONGEST_REST_MS = 200;

/** So long after the last of them people who buy one after another count as one who waits, ms. */
const REMEMBERED_MS = 500;

/** Between two chunks beside people who buy, ms: twice as long as such a chunk takes, so that most of the time is theirs. */
const BREATH_MS = 30;

/** What people wait for comes before what runs for long: between two chunks bulk work rests while a purchase is open. */
@Injectable()
export class Courtesy {
  private asked: { at: number; waits: Promise<boolean> } | null = null;
  private lastSeen = -Infinity;

  constructor(
    private readonly runs: OperationRuns,
    private readonly clock: DatabaseClock,
  ) {}

  /** Rests while somebody waits; true if anybody does, or did a moment ago. */
  async giveWay(): Promise<boolean> {
    const began = performance.now();
    if (this.isRemembered()) await delay(BREATH_MS);
    while (await this.someoneWaits()) {
      this.lastSeen = performance.now();
      if (this.lastSeen - began >= LONGEST_REST_MS) break;
      await delay(ASKED_EVERY_MS);
    }
    return this.isRemembered() || this.cameAndWent();
  }

  private isRemembered(): boolean {
    return performance.now() - this.lastSeen < REMEMBERED_MS;
  }

  /** Whoever buys in a moment, between two looks, is followed by others. */
  private async cameAndWent(): Promise<boolean> {
    const since = new Date(this.clock.now().getTime() - REMEMBERED_MS);
    const came = await this.runs.hasAcceptedSince('purchases', since);
    if (came) this.lastSeen = performance.now();
    return came;
  }

  private someoneWaits(): Promise<boolean> {
    const now = performance.now();
    if (this.asked === null || now - this.asked.at > ASKED_EVERY_MS) {
      this.asked = { at: now, waits: this.runs.hasOpen('purchases') };
    }
    return this.asked.waits;
  }
}
