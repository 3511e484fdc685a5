/** Connections in the order in which they were opened, so that they can be closed whether the gateway runs or its start has failed. */
export class OpenConnections {
  private readonly closers: (() => Promise<void> | void)[] = [];
  private closing: Promise<void> | null = null;

  /** Keeps what closes a connection. One that comes up after all the others were closed is closed at once. */
  async keep<T>(connection: T, close: (connection: T) => Promise<void> | void): Promise<T> {
    if (this.closing) await close(connection);
    else this.closers.push(() => close(connection));
    return connection;
  }

  /** Closes the last one first. It may be called again. Rejects with the first failure, after all have been tried. */
  closeAll(): Promise<void> {
    this.closing ??= this.closeEach();
    return this.closing;
  }

  private async closeEach(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.closers.reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
