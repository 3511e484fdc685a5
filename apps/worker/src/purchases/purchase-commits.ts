import { Failpoints, newId } from '@commissary/platform';
import {
  Database,
  DatabaseClock,
  GroupCommit,
  type LicenseDocument,
  OperationRuns,
  type OrderDocument,
  type PaymentDocument,
  PurchaseGroups,
  type PurchaseResult,
  type Session,
  type SubscriptionDocument,
  recordChange,
} from '@commissary/store';
import type { Run } from '../operations/run.js';
import { licenseOf, orderOf, subscriptionOf } from './purchase-documents.js';
import type { PurchaseFacts } from './purchase-facts.js';
import { completedEvent, createdAudit } from './purchase-events.js';

/** A purchase whose order is to be on record before it is charged. */
interface Beginning {
  run: Run<'purchase'>;
  order: OrderDocument;
  payment: PaymentDocument;
}

/** A purchase that is paid, or for which nothing is to be paid. */
interface Completion {
  run: Run<'purchase'>;
  facts: PurchaseFacts;
  charge: { payment: PaymentDocument; chargeId: string } | null;
}

/** Everything a purchase makes. */
interface Made extends Completion {
  order: OrderDocument;
  license: LicenseDocument;
  subscription: SubscriptionDocument;
  result: PurchaseResult;
}

/** Purchases in one transaction. From about this many on, more of them save little and wait long for each other. */
const MOST = 64;

const buyerOf = ({ run }: { run: Run<'purchase'> }): string => run.operation.requestedBy.userId;

/** The two transactions of a purchase that succeeds, each shared with the purchases that come to it meanwhile. [BUY-4] */
export class PurchaseCommits {
  private readonly groups: PurchaseGroups;
  private readonly beginnings: GroupCommit<Beginning, null>;
  private readonly completions: GroupCommit<Completion, string[]>;

  constructor(
    private readonly database: Database,
    private readonly runs: OperationRuns,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {
    this.groups = new PurchaseGroups(database);
    // One license per user and product: what is of one user goes one after the other.
    const options = { keyOf: buyerOf, most: MOST };
    this.beginnings = new GroupCommit(
      database,
      (session, items: Beginning[]) => this.beginAll(session, items),
      options,
    );
    this.completions = new GroupCommit(
      database,
      (session, items: Completion[]) => this.createAll(session, items),
      options,
    );
  }

  /** Throws `LeaseLostError`. */
  async begin(beginning: Beginning): Promise<void> {
    await this.beginnings.add(beginning);
  }

  /** The ids of the mails to be sent. Throws `LeaseLostError`. */
  complete(completion: Completion): Promise<string[]> {
    return this.completions.add(completion);
  }

  private async beginAll(session: Session, items: Beginning[]): Promise<null[]> {
    await this.runs.advanceAll(
      session,
      items.map(({ run }) => run.key),
      'charging',
    );
    await this.groups.insertOrders(session, items);
    await Promise.all(items.map(() => this.failpoints.hit('purchase.beginning')));
    return items.map(() => null);
  }

  private async createAll(session: Session, items: Completion[]): Promise<string[][]> {
    const now = this.clock.now();
    const all = items.map((item) => madeOf(item, now));
    await this.runs.succeedAll(
      session,
      all.map(({ run, result }) => ({ run: run.key, result, subscriptionId: result.subscriptionId })),
    );
    await this.license(session, all, now);
    await this.settle(session, all, now);
    await this.groups.insertSubscriptions(
      session,
      all.map(({ subscription }) => subscription),
    );
    await Promise.all(items.map(() => this.failpoints.hit('purchase.recording')));
    const recorded = await recordChange(this.database, session, now, {
      events: all.map(({ run, facts, subscription, result }) =>
        completedEvent(run.operation, facts, subscription, result),
      ),
      audit: all.map(({ run, subscription }) => createdAudit(run.operation, subscription)),
    });
    return recorded.idsByEvent;
  }

  /** Whoever holds the product already, or has left, gets none: then the seats all stay free. [BUY-10] */
  private async license(session: Session, all: readonly Made[], now: Date): Promise<void> {
    const taken = await this.groups.takeLicenses(
      session,
      all.map(({ license }) => license),
      now,
    );
    const without = all.filter(({ license }) => !taken.has(license._id));
    for (const { subscription, result } of without) {
      subscription.seats.assigned = 0;
      result.licenseId = null;
    }
    await this.groups.withoutLicense(
      session,
      without.map(({ run }) => run.operation._id),
    );
  }

  private async settle(session: Session, all: readonly Made[], now: Date): Promise<void> {
    const paid = all.flatMap(({ order, subscription, charge, result: { invoiceId } }) => {
      if (!charge || invoiceId === null) return [];
      const period = { start: now, end: subscription.expiresAt };
      const { payment, chargeId } = charge;
      return [{ order: { ...order, period }, paymentId: payment._id, chargeId, invoiceId }];
    });
    const free = all.filter(({ charge }) => charge === null).map(({ order }) => order);
    await this.groups.settle(session, paid, now);
    await this.groups.insertFreeOrders(session, free, now);
  }
}

const madeOf = (completion: Completion, now: Date): Made => {
  const { run, facts, charge } = completion;
  const { operation } = run;
  const license = licenseOf(operation, facts, now);
  return {
    ...completion,
    order: orderOf(operation, facts, now),
    license,
    subscription: subscriptionOf(operation, facts, 1, now),
    result: {
      orderId: operation.request.orderId,
      subscriptionId: operation.request.subscriptionId,
      licenseId: license._id,
      invoiceId: charge && newId('inv'),
      charged: facts.quote.total,
    },
  };
};
