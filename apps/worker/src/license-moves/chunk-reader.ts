import type { HeldLicense, LicenseChunks, LicensesOf } from '@commissary/store';

interface Reading {
  above: string | null;
  size: number;
  chunk: Promise<HeldLicense[]>;
}

/** Reads a subscription's licenses up to a user (null: to the last one) by the chunk, the next while the one before is committed. */
export class ChunkReader {
  private ahead: Reading | null = null;

  constructor(
    private readonly chunks: LicenseChunks,
    private readonly of: LicensesOf,
    private readonly upTo: string | null = null,
  ) {}

  /** The licenses above a user id (null: from the first one): as read ahead, or read now. */
  async next(above: string | null, size: number): Promise<HeldLicense[]> {
    const { ahead } = this;
    this.ahead = null;
    if (ahead?.above !== above || ahead.size < size) return this.read(above, size);
    return (await ahead.chunk).slice(0, size);
  }

  /** Begins to read what will be asked for next; if it is not, nothing but the read is lost. */
  readAhead(above: string | null, size: number): void {
    const chunk = this.read(above, size);
    // Whoever asks for the chunk is told; a chunk that nobody asks for must not end the process.
    chunk.catch(() => undefined);
    this.ahead = { above, size, chunk };
  }

  private read(above: string | null, size: number): Promise<HeldLicense[]> {
    return this.chunks.next(this.of, { above, upTo: this.upTo }, size);
  }
}
