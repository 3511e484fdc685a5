/**
 * The same values, the next of which is being made while one is looked at: one ahead and never more, so that a slow reader keeps
 * no more than that in memory. Who stops reading stops the source.
 */
export async function* oneAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    let next = source.next();
    for (;;) {
      const made: IteratorResult<T, unknown> = await next;
      if (made.done) return;
      next = source.next();
      // Whoever asks for it meets the failure; nobody may.
      next.catch(() => undefined);
      yield made.value;
    }
  } finally {
    await source.return(undefined);
  }
}
