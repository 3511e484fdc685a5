import { Presets, SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import type { Operation } from './api-client.js';

/** Where the demo is seen: a terminal, or nothing at all with `--json` (the lines go to stderr then). */
export class Stage {
  private readonly startedAt = performance.now();
  private act = 0;

  constructor(private readonly out: NodeJS.WriteStream) {}

  seconds(): number {
    return Math.round((performance.now() - this.startedAt) / 100) / 10;
  }

  title(text: string): void {
    this.act += 1;
    this.line(`\n${this.bold(`${this.act}. ${text}`)}`);
  }

  line(text: string): void {
    this.out.write(`${text}\n`);
  }

  say(text: string): void {
    this.line(`   ${text}`);
  }

  table(head: string[], rows: string[][]): void {
    const table = new Table({ head, style: { head: [], border: [] } });
    table.push(...rows);
    for (const line of table.toString().split('\n')) this.say(line);
  }

  /** A bar that follows an operation; off a terminal it prints nothing until the end. */
  bar(total: number): { follow: (operation: Operation) => void; stop: () => void } {
    const bar = new SingleBar(
      {
        format: '   {bar} {percentage}% | {value}/{total} users | {rate} users/s | {left} s left',
        stream: this.out,
        hideCursor: true,
        noTTYOutput: false,
      },
      Presets.shades_classic,
    );
    bar.start(total, 0, { rate: '-', left: '-' });
    return {
      follow: ({ progress }) =>
        bar.update(total - progress.pending, {
          rate: progress.ratePerSecond === null ? '-' : Math.round(progress.ratePerSecond),
          left: progress.secondsLeft === null ? '-' : Math.ceil(progress.secondsLeft),
        }),
      stop: () => bar.stop(),
    };
  }

  private bold(text: string): string {
    return this.out.isTTY ? `\u001b[1m${text}\u001b[0m` : text;
  }
}

/** Such as `$9.99`; a currency has as many minor digits as Intl knows of it. */
export const amount = ({ amountMinor, currency }: { amountMinor: number; currency: string }): string => {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency });
  return format.format(amountMinor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
};
