import type { HeldLicense, LicenseChunks } from '@commissary/store';

interface Reading {
  after: string | null;
  size: number;
  chunk: Promise<HeldLicense[]>;
}

/** Reads a subscription's licenses by the chunk, the next one while the one before is being committed. */
export class ChunkReader {
  private ahead: Reading | null = null;

  constructor(
    private readonly chunks: LicenseChunks,
    private readonly tenantId: string,
    private readonly subscriptionId: string,
  ) {}

  /** The licenses after a user id: as read ahead, or read now. */
  async next(after: string | null, size: number): Promise<HeldLicense[]> {
    const { ahead } = this;
    this.ahead = null;
    return ahead?.after === after && ahead.size === size ? ahead.chunk : this.read(after, size);
  }

  /** Begins to read what will be asked for next; if it is not, nothing but the read is lost. */
  readAhead(after: string | null, size: number): void {
    const chunk = this.read(after, size);
    // Whoever asks for the chunk is told; a chunk that nobody asks for must not end the process.
    chunk.catch(() => undefined);
    this.ahead = { after, size, chunk };
  }

  private read(after: string | null, size: number): Promise<HeldLicense[]> {
    return this.chunks.next(this.tenantId, this.subscriptionId, after, size);
  }
}
