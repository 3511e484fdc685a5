export * from './create-payment-provider.js';
export * from './payment-journal.js';
export * from './payment-provider.js';
export * from './simulator-client.js';
export * from './stripe-provider.js';
export * from './stripe-webhook.js';
