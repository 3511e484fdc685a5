import { readFileSync } from 'node:fs';

/** Whether a process runs; a zombie that nobody has collected yet does not. */
export const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
