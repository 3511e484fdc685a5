import { ChunkChangedError, isDuplicateKey } from '@commissary/store';

/** What was read changed before it was written: the transaction is undone, and the chunk has to be read again. */
export const isConflict = (error: unknown): boolean =>
  error instanceof ChunkChangedError || isDuplicateKey(error);
