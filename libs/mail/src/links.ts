/** Where a mail sends its reader: addresses of the HTTP contract, under the installation's public URL. */
export interface Links {
  subscription(subscriptionId: string): string;
  subscriptions(): string;
  invoice(invoiceId: string): string;
  licenses(): string;
  operationResults(operationId: string): string;
}

export const linksTo = (publicUrl: string): Links => {
  const at = (...segments: string[]): string =>
    [publicUrl.replace(/\/+$/, ''), 'v1', ...segments.map(encodeURIComponent)].join('/');
  return {
    subscription: (id) => at('subscriptions', id),
    subscriptions: () => at('subscriptions'),
    invoice: (id) => at('invoices', id),
    licenses: () => at('me', 'licenses'),
    operationResults: (id) => at('operations', id, 'results'),
  };
};

/** Only web addresses become links, whatever a product's data say. */
export const isWebAddress = (url: string): boolean =>
  URL.canParse(url) && ['https:', 'http:'].includes(new URL(url).protocol);
