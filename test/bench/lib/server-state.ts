/** Where a server side listens, and the CPU its process has used so far. */
export interface ServerState {
  url: string;
  cpuSeconds: number;
}

export const usedSoFar = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
