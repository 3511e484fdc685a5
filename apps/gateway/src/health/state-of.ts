/** How long a part may take to answer, ms. */
const PATIENCE_MS = 2_000;

export type State = 'up' | 'down';

/** Whether a part answers a ping, and soon. */
export const stateOf = async (ping: Promise<unknown>): Promise<State> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<State>((resolve) => {
    timer = setTimeout(() => resolve('down'), PATIENCE_MS);
  });
  try {
    return await Promise.race([ping.then((): State => 'up').catch((): State => 'down'), late]);
  } finally {
    clearTimeout(timer);
  }
};
