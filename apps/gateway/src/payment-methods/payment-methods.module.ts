import { Module } from '@nestjs/common';
import { createPaymentProvider } from '@commissary/payments';
import type { GatewayEnv } from '@commissary/platform';
import { PaymentMethodsRepository } from '@commissary/store';
import { provideRepository } from '../connections/connections.module.js';
import { ENV } from '../connections/tokens.js';
import { PaymentMethodsController } from './payment-methods.controller.js';
import { PaymentMethodsService } from './payment-methods.service.js';
import { PAYMENT_PROVIDER } from './payment-provider.token.js';

@Module({
  controllers: [PaymentMethodsController],
  providers: [
    provideRepository(PaymentMethodsRepository),
    { provide: PAYMENT_PROVIDER, useFactory: (env: GatewayEnv) => createPaymentProvider(env), inject: [ENV] },
    PaymentMethodsService,
  ],
})
export class PaymentMethodsModule {}
