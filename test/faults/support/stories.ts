/** A story that goes on while others are told; its failure is the failure of the test that asks for it. */
export const begun = <T>(story: () => Promise<T>): Promise<T> => {
  const going = story();
  going.catch(() => undefined);
  return going;
};
