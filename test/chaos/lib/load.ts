import { setTimeout as delay } from 'node:timers/promises';
import type { SeededRandom } from '../../support/seeded-random.js';
import { act, type ActionName, ADMINS, BUYERS } from './actions.js';
import { Unanswered } from './client.js';
import type { Model } from './model.js';
import type { Terms } from './terms.js';
import type { Acting, Tenant } from './world.js';

const BUYERS_PER_TENANT = 2;

/** Runs the actors of every tenant: two buyers and one admin, who act at the same time. */
export class Load {
  readonly done: Record<string, number> = {};
  readonly failures: string[] = [];
  /** Requests that got no answer within the time limit, which a slow machine may explain. */
  readonly unanswered: string[] = [];
  private readonly watches: Promise<void>[] = [];

  constructor(
    private readonly tenants: readonly Tenant[],
    private readonly model: Model,
    private readonly random: SeededRandom,
    private readonly isOver: () => boolean,
    private readonly terms: Terms,
  ) {}

  async run(): Promise<void> {
    const actors = this.tenants.flatMap((tenant) => [
      this.actor(tenant, 'admin', ADMINS),
      ...Array.from({ length: BUYERS_PER_TENANT }, (_, i) => this.actor(tenant, `buyer ${i}`, BUYERS)),
    ]);
    await Promise.all(actors);
  }

  /** Waits until every accepted operation was seen to end or the deadline has passed. */
  async watched(): Promise<void> {
    await Promise.all(this.watches);
  }

  /** Follows work that goes on beside the actors; its failure is a failure of the run. */
  watch(work: Promise<void>): void {
    this.watches.push(work.catch((error: unknown) => this.failed(error)));
  }

  /** What one actor of a tenant works with, with random numbers of its own. */
  acting(tenant: Tenant, name: string): Acting {
    const random = this.random.fork(`${tenant.domain} ${name}`);
    const watch = (work: Promise<void>): void => this.watch(work);
    return { tenant, random, model: this.model, watch, done: this.done, terms: this.terms };
  }

  private async actor(
    tenant: Tenant,
    name: string,
    weights: Partial<Record<ActionName, number>>,
  ): Promise<void> {
    const acting = this.acting(tenant, name);
    const { random } = acting;
    while (!this.isOver()) {
      await delay(random.int(50, 500));
      await act(acting, random.weighted(weights as Record<ActionName, number>)).catch((error: unknown) =>
        this.failed(error),
      );
    }
  }

  private failed(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    (error instanceof Unanswered ? this.unanswered : this.failures).push(text);
  }
}
