import { type DynamicModule, Module } from '@nestjs/common';
import type { GatewayEnv } from '@commissary/platform';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { CapacityModule } from './capacity/capacity.module.js';
import { CatalogModule } from './catalog/catalog.module.js';
import { settingsModule } from './config/settings.js';
import { DirectoryModule } from './directory/directory.module.js';
import { ExportsModule } from './exports/exports.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import { InvoicesModule } from './invoices/invoices.module.js';
import { LicensesModule } from './licenses/licenses.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { PartnerModule } from './partner/partner.module.js';
import { PaymentMethodsModule } from './payment-methods/payment-methods.module.js';
import { PoliciesModule } from './policies/policies.module.js';
import { ProductsModule } from './products/products.module.js';
import { ProviderWebhooksModule } from './provider-webhooks/provider-webhooks.module.js';
import { PurchasesModule } from './purchases/purchases.module.js';
import { QueuesModule } from './queues/queues.module.js';
import { QuotesModule } from './quotes/quotes.module.js';
import { SettingsModule } from './settings/settings.module.js';
import { SubscriptionsModule } from './subscriptions/subscriptions.module.js';
import { TakeoverModule } from './takeover/takeover.module.js';

/** One module per feature; each lists its controllers and services, and imports the repositories. */
const FEATURES = [
  DirectoryModule,
  OperationsModule,
  HealthModule,
  QueuesModule,
  AuditModule,
  CapacityModule,
  CatalogModule,
  ExportsModule,
  InvoicesModule,
  LicensesModule,
  PartnerModule,
  PaymentMethodsModule,
  PoliciesModule,
  ProductsModule,
  ProviderWebhooksModule,
  PurchasesModule,
  QuotesModule,
  SettingsModule,
  SubscriptionsModule,
  TakeoverModule,
];

@Module({})
export class AppModule {
  /** `connections` provides what `ConnectionsModule` does; a test may give others. */
  static forRoot(env: GatewayEnv, connections: DynamicModule): DynamicModule {
    return {
      module: AppModule,
      imports: [settingsModule(env), connections, HttpModule, AuthModule, ...FEATURES],
    };
  }
}
