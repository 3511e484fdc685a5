/** What tests drive without a process of its own. */
export { CancelSubscriptionHandler } from './cancellations/cancel-subscription.handler.js';
export { Dispatcher } from './dispatch/dispatcher.js';
export { InfrastructureModule } from './infrastructure.module.js';
export { MoveChunks } from './license-moves/move-chunks.js';
export { MoveEnding } from './license-moves/move-ending.js';
export { MoveLicensesHandler } from './license-moves/move-licenses.handler.js';
export { Authority } from './operations/authority.js';
export { Courtesy } from './operations/courtesy.js';
export { OperationRunner } from './operations/operation-runner.js';
export { MailWakeUp } from './notifications/mail-wake-up.js';
export { PurchaseFactsReader } from './purchases/purchase-facts.js';
export { PurchaseHandler } from './purchases/purchase.handler.js';
export { PurchaseSettlement } from './purchases/purchase-settlement.js';
export { Refunds } from './refunds/refunds.js';
export { SendNotificationHandler } from './notifications/send-notification.handler.js';
export { PAYMENT_PROVIDER } from './tokens.js';
export { WorkerModule } from './worker.module.js';
