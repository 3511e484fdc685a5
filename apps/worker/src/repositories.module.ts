import { Module, type Provider, type Type } from '@nestjs/common';
import {
  BuyerFactsReader,
  CapacityRepository,
  CatalogRepository,
  Database,
  DigestEntriesRepository,
  DirectoryChanges,
  LicenseChunks,
  MoveTails,
  NotificationsRepository,
  OperationRuns,
  OperationsRepository,
  OrdersRepository,
  PaymentMethodsRepository,
  PoliciesRepository,
  SubscriptionsRepository,
  TenantsRepository,
  UsersRepository,
} from '@commissary/store';

const REPOSITORIES = [
  CapacityRepository,
  CatalogRepository,
  DigestEntriesRepository,
  DirectoryChanges,
  LicenseChunks,
  MoveTails,
  NotificationsRepository,
  OperationRuns,
  OperationsRepository,
  OrdersRepository,
  PaymentMethodsRepository,
  PoliciesRepository,
  SubscriptionsRepository,
  TenantsRepository,
  UsersRepository,
];

/** A repository of `@commissary/store`, which knows no Nest, as a provider. */
const provideRepository = <T>(repository: Type<T> & (new (database: Database) => T)): Provider => ({
  provide: repository,
  useFactory: (database: Database) => new repository(database),
  inject: [Database],
});

const providers: Provider[] = [
  ...REPOSITORIES.map((repository) => provideRepository<unknown>(repository)),
  {
    provide: BuyerFactsReader,
    useFactory: (database: Database, catalog: CatalogRepository, policies: PoliciesRepository) =>
      new BuyerFactsReader(database, catalog, policies),
    inject: [Database, CatalogRepository, PoliciesRepository],
  },
];

/** Every repository that the worker uses, each once. */
@Module({ providers, exports: providers })
export class RepositoriesModule {}
