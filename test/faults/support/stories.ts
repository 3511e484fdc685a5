/** A scenario that runs beside others; its failure fails the test that awaits it. */
export const begun = <T>(story: () => Promise<T>): Promise<T> => {
  const going = story();
  going.catch(() => undefined);
  return going;
};
