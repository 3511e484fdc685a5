import { Injectable } from '@nestjs/common';
import { OperationRuns } from '@commissary/store';

/** Bulk work that shares a process asks together, and not more often than this, ms. */
const ASKED_EVERY_MS = 20;

/** The longest rest between two chunks, ms: bulk work comes on however many people buy. */
const LONGEST_REST_MS = 200;

/** So long after the last of them people who buy one after another count as one who waits, ms. */
const REMEMBERED_MS = 500;

/** What people wait for comes before what runs for long: between two chunks bulk work rests while a purchase is open. */
@Injectable()
export class Courtesy {
  private asked: { at: number; waits: Promise<boolean> } | null = null;
  private lastSeen = -Infinity;

  constructor(private readonly runs: OperationRuns) {}

  /** Rests while somebody waits; true if anybody does, or did a moment ago. */
  async giveWay(): Promise<boolean> {
    const began = performance.now();
    while (await this.someoneWaits()) {
      this.lastSeen = performance.now();
      if (this.lastSeen - began >= LONGEST_REST_MS) break;
      await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY_MS));
    }
    return performance.now() - this.lastSeen < REMEMBERED_MS;
  }

  private someoneWaits(): Promise<boolean> {
    const now = performance.now();
    if (this.asked === null || now - this.asked.at > ASKED_EVERY_MS) {
      this.asked = { at: now, waits: this.runs.hasOpen('purchases') };
    }
    return this.asked.waits;
  }
}
