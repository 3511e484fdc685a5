import { Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { createPaymentProvider, type PaymentProvider } from '@commissary/payments';
import type { GatewayEnv } from '@commissary/platform';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { PaymentMethodsController } from './payment-methods.controller.js';
import { PaymentMethodsService } from './payment-methods.service.js';
import { PAYMENT_PROVIDER } from './payment-provider.token.js';

const providerOf = (config: ConfigService<GatewayEnv, true>): PaymentProvider =>
  createPaymentProvider({
    PAYMENTS: config.get('PAYMENTS', { infer: true }),
    PAYMENTS_URL: config.get('PAYMENTS_URL', { infer: true }),
    STRIPE_SECRET_KEY: config.get('STRIPE_SECRET_KEY', { infer: true }),
    STRIPE_API_URL: config.get('STRIPE_API_URL', { infer: true }),
  });

@Module({
  imports: [RepositoriesModule],
  controllers: [PaymentMethodsController],
  providers: [
    { provide: PAYMENT_PROVIDER, useFactory: providerOf, inject: [ConfigService] },
    PaymentMethodsService,
  ],
})
export class PaymentMethodsModule {}
