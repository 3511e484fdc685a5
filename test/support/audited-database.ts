import { type AuditReport, QueueView, runAudit } from '@commissary/audit';
import { SimulatorJournal } from '@commissary/payments';
import type { AuditAction, AuditSubject } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { JobProducer } from '@commissary/queue';
import {
  type AuditDocument,
  Database,
  type LicenseDocument,
  type OperationDocument,
  OperationsRepository,
  type OrderDocument,
  type PaymentDocument,
  type ProductDocument,
  type SubscriptionDocument,
  migrate,
} from '@commissary/store';
import type { UpdateFilter } from 'mongodb';
import type { TestServices } from './database.js';
import { aTenant, aUser } from './documents.js';
import { runStackCommand } from './run-command.js';
import { SavedDatabase } from './saved-database.js';
import { collectionsOf } from './driver.js';
import { type PaymentSimulator, startPaymentSimulator } from './payment-simulator.js';

export const TENANT = 'ten_contoso';
export const OTHER_TENANT = 'ten_other';
export const ADMIN = 'usr_admin';
/** A user of the other tenant. */
export const STRANGER = 'usr_stranger';

const ORIGIN = { ip: '127.0.0.1', requestId: 'req_test' };
const ACTOR = { userId: ADMIN, displayName: 'Admin', tenantId: TENANT };

const price = { market: '*', term: 'P1M', currency: 'USD', from: '2020-01-01' } as const;
const PRODUCT: ProductDocument = {
  _id: 'CFQ7TTC0H9MP',
  productName: 'Power BI Pro',
  service: 'Power BI',
  family: 'Power Platform',
  excludedMarkets: [],
  trial: null,
  opens: [{ market: '*', from: '2020-01-01' }],
  prices: [
    { ...price, channel: 'selfService', unitAmountMinor: 999 },
    { ...price, channel: 'central', unitAmountMinor: 919 },
  ],
  trainingUrl: 'https://learn.vendor.example/power-bi',
};

export interface PlantedOperation {
  type?: 'move' | 'cancellation';
  subscriptionId?: string;
  total?: number;
  fields?: Partial<OperationDocument>;
  /** Whether it holds its subscription's lock. */
  lock?: boolean;
  audited?: boolean;
}

/** A small database as `npm run seed` leaves it, with what a test needs to spoil it and to ask the audit. */
export class AuditedDatabase {
  private constructor(
    private readonly services: TestServices,
    readonly payments: PaymentSimulator,
    readonly database: Database,
    readonly producer: JobProducer,
    private readonly queues: QueueView,
    private readonly saved: SavedDatabase,
    /** Ten users, all seats taken. */
    readonly sourceId: string,
    /** Central, eight seats, all free. */
    readonly targetId: string,
  ) {}

  static async start(services: TestServices): Promise<AuditedDatabase> {
    const payments = await startPaymentSimulator();
    const database = await Database.connect({ uri: services.mongodbUri, appName: 'test' });
    await migrate(database, { holder: 'test' });
    await loadTenants(database);
    const flags = ['--users', '12', '--assigned', '10', '--target-seats', '8'];
    const seeded = await runStackCommand('seed', flags, environmentOf(services, payments));
    if (seeded.exitCode !== 0) throw new Error(`seed: ${seeded.stderr}`);
    const ids = JSON.parse(seeded.stdout) as { sourceSubscriptionId: string; targetSubscriptionId: string };
    return new AuditedDatabase(
      services,
      payments,
      database,
      JobProducer.connect({ redisUrl: services.redisUrl, prefix: services.queuePrefix }),
      await QueueView.connect(services.redisUrl, services.queuePrefix),
      await SavedDatabase.save(database),
      ids.sourceSubscriptionId,
      ids.targetSubscriptionId,
    );
  }

  async stop(): Promise<void> {
    await this.queues.close();
    await this.producer.close();
    await this.database.close();
    await this.payments.stop();
  }

  /** Everything as it was at the start, but for the provider's journal, which forgets nothing. */
  async restore(): Promise<void> {
    await this.saved.restore();
    for (const queue of this.producer.allQueues()) await queue.obliterate({ force: true });
  }

  /** Settings of a command that is to look at this database. */
  environment(): Record<string, string> {
    return environmentOf(this.services, this.payments);
  }

  audit(): Promise<AuditReport> {
    const journal = new SimulatorJournal(this.payments.url);
    return runAudit({ database: this.database, journal, queues: this.queues });
  }

  /** `[invariant, subject]` of each violation, in the audit's order. */
  async named(): Promise<[number, string][]> {
    return (await this.audit()).violations.map(({ invariant, subject }) => [invariant, subject]);
  }

  /** The same without repetitions, as text. */
  async kinds(): Promise<string[]> {
    return [...new Set((await this.named()).map(([invariant, subject]) => `${invariant} ${subject}`))];
  }

  async subscription(id: string): Promise<SubscriptionDocument> {
    return found(await collectionsOf(this.database).subscriptions.findOne({ _id: id }));
  }

  async changeSubscription(id: string, update: UpdateFilter<SubscriptionDocument>): Promise<void> {
    await collectionsOf(this.database).subscriptions.updateOne({ _id: id }, update);
  }

  async theOrder(): Promise<OrderDocument> {
    return found(await collectionsOf(this.database).orders.findOne({ channel: 'selfService' }));
  }

  async thePayment(): Promise<PaymentDocument> {
    return found(await collectionsOf(this.database).payments.findOne({}));
  }

  async theLicense(): Promise<LicenseDocument> {
    return found(await collectionsOf(this.database).licenses.findOne({}, { sort: { userId: 1 } }));
  }

  /** An operation on hold, as sound as the gateway would have accepted it, but for `fields`. */
  async plantOperation(planted: PlantedOperation = {}): Promise<string> {
    const { type = 'move', subscriptionId = this.sourceId, total = 10 } = planted;
    const id = newId('op');
    const common = { id, tenantId: TENANT, subscriptionId, requestedBy: ACTOR, origin: ORIGIN, total };
    const now = new Date();
    const move = { targetSubscriptionId: this.targetId };
    const cancellation = { by: 'admin', reason: 'unused', comment: null, onBehalfOf: null } as const;
    const accepted: OperationDocument =
      type === 'move'
        ? OperationsRepository.newDocument({ ...common, type, request: move }, now)
        : OperationsRepository.newDocument({ ...common, type, request: cancellation }, now);
    const history = [...accepted.history, { status: 'paused' as const, at: now }];
    const document = { ...accepted, status: 'paused', history, version: 2, ...planted.fields };
    await collectionsOf(this.database).operations.insertOne(document as OperationDocument);
    if (planted.lock !== false) await this.changeSubscription(subscriptionId, { $set: { operationId: id } });
    if (planted.audited !== false) await this.plantAudit('operation.accepted', { type: 'operation', id });
    return id;
  }

  async plantAudit<A extends AuditAction>(
    action: A,
    subject: { type: AuditSubject<A>; id: string },
    after: Record<string, unknown> = {},
    fields: Partial<AuditDocument> = {},
  ): Promise<void> {
    const entry = {
      _id: newId('aud'),
      tenantId: TENANT,
      actor: ACTOR,
      action,
      subject,
      before: null,
      after,
      ...ORIGIN,
      operationId: null,
      at: new Date(),
      ...fields,
    };
    await collectionsOf(this.database).audit.insertOne(entry as AuditDocument);
  }
}

const environmentOf = (services: TestServices, payments: PaymentSimulator): Record<string, string> => ({
  MONGODB_URI: services.mongodbUri,
  REDIS_URL: services.redisUrl,
  QUEUE_PREFIX: services.queuePrefix,
  PAYMENTS_URL: payments.url,
});

const loadTenants = async (database: Database): Promise<void> => {
  await collectionsOf(database).tenants.insertMany([
    aTenant({ _id: TENANT, domains: ['contoso.example'] }),
    aTenant({ _id: OTHER_TENANT, domains: ['other.example'] }),
  ]);
  await collectionsOf(database).users.insertMany([
    aUser(TENANT, { _id: ADMIN, roles: ['globalAdmin'] }),
    aUser(OTHER_TENANT, { _id: STRANGER }),
  ]);
  await collectionsOf(database).products.insertOne(PRODUCT);
};

const found = <T>(document: T | null): T => {
  if (document === null) throw new Error('the fixture has no such document');
  return document;
};

/** Fields of an operation that has run and ended. */
export const endedAs = (status: 'succeeded' | 'rejected' | 'stopped' | 'failed') => ({
  status,
  endedAt: new Date(),
  history: (['accepted', 'running', status] as const).map((one) => ({ status: one, at: new Date() })),
  version: 3,
});

/** What a subscription says once it is deleted, as the transaction that ends it writes it. */
export const deletedLife = () => ({
  $set: { status: 'deleted' as const, autoRenew: false, renewsAt: null, 'lifecycle.dueAt': null },
  $push: { history: { status: 'deleted' as const, at: new Date() } },
  $inc: { version: 1 },
});

/** Of ten users, nothing done unless said. */
export const progress = (fields: Partial<OperationDocument['progress']>): OperationDocument['progress'] => ({
  total: 10,
  done: 0,
  skipped: 0,
  failed: 0,
  alreadyLicensed: 0,
  at: null,
  runStartedAt: null,
  runStartedWith: 0,
  ...fields,
});
