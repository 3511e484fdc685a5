/** What tests drive without a process of its own. */
export { CancelSubscriptionHandler } from './cancellations/cancel-subscription.handler.js';
export { InfrastructureModule } from './infrastructure.module.js';
export { MoveLicensesHandler } from './license-moves/move-licenses.handler.js';
export { OperationRunner } from './operations/operation-runner.js';
export { PurchaseHandler } from './purchases/purchase.handler.js';
export { SendNotificationHandler } from './notifications/send-notification.handler.js';
export { WorkerModule } from './worker.module.js';
