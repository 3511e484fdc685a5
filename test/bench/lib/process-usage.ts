import { readFileSync, writeFileSync } from 'node:fs';

/** CPU and memory of processes as Linux counts them; null where there is no /proc. */

/** Of CPU time in /proc, on every Linux that runs Node. */
const TICKS_PER_SECOND = 100;

const read = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
};

/** Seconds of CPU a process has used, its ended threads included; 0 if it is gone. */
export const cpuSecondsOf = (pid: number): number => {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return 0;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};

/** Seconds of CPU used by everyone on this machine since it started, what a host took away included. */
export const cpuSecondsOfAll = (): number | null => {
  const line = read('/proc/stat')?.split('\n')[0];
  if (line === undefined) return null;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
};

/** Highest resident memory since the last `forgetPeak`, in bytes. */
export const peakBytesOf = (pid: number): number | null => {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
};

export const forgetPeak = (pid: number): void => {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Some containers forbid it: the peak is then the one since the process started.
  }
};
