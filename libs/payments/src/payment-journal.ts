import { JsonClient, readAs } from './json-client.js';
import { type ChargeAnswer, chargePage } from './simulator-answers.js';

/** One charge as the provider's own books have it. */
export interface JournalCharge {
  id: string;
  idempotencyKey: string;
  orderId: string;
  /** Minor units of `currency`. */
  amountMinor: number;
  currency: string;
  status: 'succeeded' | 'declined';
  refundedMinor: number;
}

/** The provider's books, to compare one's own with. */
export interface PaymentJournal {
  /** Every charge, oldest first, a page in memory at a time. */
  charges(): AsyncIterable<JournalCharge>;
  chargesOfOrder(orderId: string): Promise<JournalCharge[]>;
}

const PAGE = 1000;
const TIMEOUT_MS = 30_000;

/** The simulator's journal over HTTP. Throws when it cannot be read: an audit must not pass for want of it. */
export class SimulatorJournal implements PaymentJournal {
  private readonly http: JsonClient;

  constructor(baseUrl: string) {
    this.http = new JsonClient(baseUrl, TIMEOUT_MS);
  }

  async *charges(): AsyncIterable<JournalCharge> {
    let after: string | null = null;
    do {
      const query: URLSearchParams = new URLSearchParams({ limit: String(PAGE), ...(after && { after }) });
      const page: { items: ChargeAnswer[]; nextCursor: string | null } = await this.page(query);
      yield* page.items;
      after = page.nextCursor;
    } while (after !== null);
  }

  async chargesOfOrder(orderId: string): Promise<JournalCharge[]> {
    return (await this.page(new URLSearchParams({ orderId }))).items;
  }

  private async page(query: URLSearchParams) {
    const reply = await this.http.send({ method: 'GET', path: `/charges?${query.toString()}` });
    const page =
      reply.kind === 'answered' && reply.status === 200 ? readAs(chargePage, reply.body) : undefined;
    if (!page) {
      const why = reply.kind === 'answered' ? `answered ${reply.status}` : reply.why;
      throw new Error(`the payment provider's journal cannot be read: ${why}`);
    }
    return page;
  }
}
