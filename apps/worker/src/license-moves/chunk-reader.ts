import type { Between, HeldLicense, LicenseChunks } from '@commissary/store';

interface Reading {
  from: string | null;
  size: number;
  chunk: Promise<HeldLicense[]>;
}

/** Reads a subscription's licenses by the chunk, up or down, the next one while the one before is being committed. */
export class ChunkReader {
  private ahead: Reading | null = null;

  constructor(
    private readonly chunks: LicenseChunks,
    private readonly of: { tenantId: string; subscriptionId: string },
    private readonly direction: 'up' | 'down' = 'up',
  ) {}

  /** The licenses behind a user id (null: all): as read ahead, or read now. */
  async next(from: string | null, size: number): Promise<HeldLicense[]> {
    const { ahead } = this;
    this.ahead = null;
    if (ahead?.from !== from || ahead.size < size) return this.read(from, size);
    return (await ahead.chunk).slice(0, size);
  }

  /** Begins to read what will be asked for next; if it is not, nothing but the read is lost. */
  readAhead(from: string | null, size: number): void {
    const chunk = this.read(from, size);
    // Whoever asks for the chunk is told; a chunk that nobody asks for must not end the process.
    chunk.catch(() => undefined);
    this.ahead = { from, size, chunk };
  }

  private read(from: string | null, size: number): Promise<HeldLicense[]> {
    const between: Between =
      this.direction === 'up' ? { above: from, below: null } : { above: null, below: from, descending: true };
    return this.chunks.next(this.of.tenantId, this.of.subscriptionId, between, size);
  }
}
