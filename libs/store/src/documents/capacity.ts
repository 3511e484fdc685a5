/** What one purchaser had of one product in a tenant on one day, self-service: sums over the subscriptions that lived then. [ADM-4] */
export interface CapacitySampleDocument {
  /** Day, tenant, product and purchaser: one sample a day. */
  _id: string;
  tenantId: string;
  productId: string;
  purchaserId: string | null;
  /** UTC day, `YYYY-MM-DD`. */
  on: string;
  at: Date;
  purchased: number;
  assigned: number;
  reserved: number;
}

/** Whether a day's samples are taken, of all tenants. */
export interface CapacityDayDocument {
  /** UTC day, `YYYY-MM-DD`. */
  _id: string;
  done: boolean;
  /** Held by whoever takes them. */
  until: Date;
}
