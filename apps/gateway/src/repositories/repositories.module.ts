import { type FactoryProvider, Module } from '@nestjs/common';
import {
  AuditRepository,
  BuyerFactsReader,
  CapacityRepository,
  CatalogRepository,
  Database,
  DelegatedTenantsRepository,
  DirectoryChanges,
  ExportedSubscriptions,
  IdempotencyRepository,
  InvoicesRepository,
  LicenseAssignments,
  LicensesRepository,
  MoveTails,
  OperationChanges,
  OperationsRepository,
  OrderHistoryRepository,
  OrdersRepository,
  PaymentAbandonment,
  PaymentMethodsRepository,
  PaymentWakeUps,
  PoliciesRepository,
  PolicyHistoryRepository,
  ProductViewsRepository,
  PurchaserDepartures,
  QuotesRepository,
  SubscriptionHolders,
  SubscriptionsRepository,
  TenantSettingsRepository,
  TenantsRepository,
  UserSummariesRepository,
  UsersRepository,
} from '@commissary/store';

type Repository = new (database: Database) => object;

const REPOSITORIES: Repository[] = [
  AuditRepository,
  CapacityRepository,
  CatalogRepository,
  DelegatedTenantsRepository,
  DirectoryChanges,
  ExportedSubscriptions,
  IdempotencyRepository,
  InvoicesRepository,
  LicenseAssignments,
  LicensesRepository,
  MoveTails,
  OperationChanges,
  OperationsRepository,
  OrderHistoryRepository,
  OrdersRepository,
  PaymentAbandonment,
  PaymentMethodsRepository,
  PaymentWakeUps,
  PoliciesRepository,
  PolicyHistoryRepository,
  ProductViewsRepository,
  PurchaserDepartures,
  QuotesRepository,
  SubscriptionHolders,
  SubscriptionsRepository,
  TenantSettingsRepository,
  TenantsRepository,
  UserSummariesRepository,
  UsersRepository,
];

/** A class of `@commissary/store`, which knows nothing of Nest, as a provider. */
const provide = (repository: Repository): FactoryProvider => ({
  provide: repository,
  useFactory: (database: Database) => new repository(database),
  inject: [Database],
});

const PROVIDERS: FactoryProvider[] = [
  ...REPOSITORIES.map(provide),
  {
    provide: BuyerFactsReader,
    useFactory: (database: Database, catalog: CatalogRepository, policies: PoliciesRepository) =>
      new BuyerFactsReader(database, catalog, policies),
    inject: [Database, CatalogRepository, PoliciesRepository],
  },
];

/** Every repository, once per process, for some of them cache or batch what they read. Feature modules import this one. */
@Module({ providers: PROVIDERS, exports: PROVIDERS.map((provider) => provider.provide) })
export class RepositoriesModule {}
