import type { PaymentMethodView } from '@commissary/contracts';
import type { PaymentMethodDocument } from '@commissary/store';

export const paymentMethodView = (method: PaymentMethodDocument): PaymentMethodView => ({
  id: method._id,
  brand: method.brand,
  last4: method.last4,
  expiresAt: method.expiresAt.toISOString(),
});
