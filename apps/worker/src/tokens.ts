/** Injection tokens of what is not a class of ours. */
export const WORKER_NAME = Symbol('WorkerName');
export const LOGGER = Symbol('Logger');
export const PAYMENT_PROVIDER = Symbol('PaymentProvider');
export const SERVED_QUEUES = Symbol('ServedQueues');
