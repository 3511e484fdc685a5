import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DatabaseClock, OperationRuns } from '@commissary/store';

/** All bulk work of a process asks together whether a purchase is open, and not more often than this, ms. */
const ASKED_EVERY_MS = 20;

/** The longest rest between two chunks, ms: bulk work goes on however many people buy. */
const LONGEST_REST_MS = 200;

/** For so long after a purchase the next one is expected, ms. */
const REMEMBERED_MS = 500;

/** The rest between two chunks while purchases are expected, ms: twice as long as such a chunk takes, so that most of the time is theirs. */
const SHORT_REST_MS = 30;

/** Throttles bulk work while people buy: between two chunks it rests as long as a purchase is open. [MOV-3] */
@Injectable()
export class BulkWorkThrottle {
  private asked: { at: number; isOpen: Promise<boolean> } | null = null;
  private lastSeen = -Infinity;

  constructor(
    private readonly runs: OperationRuns,
    private readonly clock: DatabaseClock,
  ) {}

  /** Rests while a purchase is open; true if one is, or was a moment ago. */
  async yieldToPurchases(): Promise<boolean> {
    const began = performance.now();
    if (this.isRemembered()) await delay(SHORT_REST_MS);
    while (await this.isPurchaseOpen()) {
      this.lastSeen = performance.now();
      if (this.lastSeen - began >= LONGEST_REST_MS) break;
      await delay(ASKED_EVERY_MS);
    }
    return this.isRemembered() || this.wasAcceptedLately();
  }

  private isRemembered(): boolean {
    return performance.now() - this.lastSeen < REMEMBERED_MS;
  }

  /** A purchase that was accepted and ended between two looks is probably followed by others. */
  private async wasAcceptedLately(): Promise<boolean> {
    const since = new Date(this.clock.now().getTime() - REMEMBERED_MS);
    const accepted = await this.runs.hasAcceptedSince('purchases', since);
    if (accepted) this.lastSeen = performance.now();
    return accepted;
  }

  private isPurchaseOpen(): Promise<boolean> {
    const now = performance.now();
    if (this.asked === null || now - this.asked.at > ASKED_EVERY_MS) {
      this.asked = { at: now, isOpen: this.runs.hasOpen('purchases') };
    }
    return this.asked.isOpen;
  }
}
