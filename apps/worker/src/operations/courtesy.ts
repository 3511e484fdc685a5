import { Injectable } from '@nestjs/common';
import { OperationRuns } from '@commissary/store';

/** Bulk work that shares a process asks together, and not more often than this, ms. */
const ASKED_EVERY_MS = 20;

/** The longest rest between two chunks, ms: bulk work comes on however many people buy. */
const LONGEST_REST_MS = 200;

/** What people wait for comes before what runs for long: between two chunks bulk work rests while a purchase is open. */
@Injectable()
export class Courtesy {
  private asked: { at: number; waits: Promise<boolean> } | null = null;

  constructor(private readonly runs: OperationRuns) {}

  async giveWay(): Promise<void> {
    const until = performance.now() + LONGEST_REST_MS;
    while (await this.someoneWaits()) {
      if (performance.now() >= until) return;
      await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY_MS));
    }
  }

  private someoneWaits(): Promise<boolean> {
    const now = performance.now();
    if (this.asked === null || now - this.asked.at > ASKED_EVERY_MS) {
      this.asked = { at: now, waits: this.runs.hasOpen('purchases') };
    }
    return this.asked.waits;
  }
}
