/** Starts processes in order, keeps the lists of them true, and stops them in reverse order. */
import { Guard } from './guard.js';
import { livingGuests } from './guests.js';
import { ManagedProcess, type ProcessSpec } from './managed-process.js';
import { entryOf, type ProcessEntry, writeJsonAtomically } from './process-table.js';
import { closeRunFolder, logFileOf, type RunFolderPaths } from './run-folder.js';
import type { StackAddresses, StackFile } from './stack-file.js';

export interface SupervisorOptions {
  restart: boolean;
  say: (line: string) => void;
}

/** A worker hands its jobs back within 30 s. [OPS-3] */
const GRACE_MS = 35_000;
const GUESTS_POLL_MS = 500;

export class Supervisor {
  /** In the order they were started. */
  private readonly stages: ManagedProcess[][] = [];
  private readonly guard: Guard;
  private published: StackAddresses | null = null;
  private guests: ProcessEntry[] = [];
  private poll: NodeJS.Timeout | undefined;

  constructor(
    private readonly paths: RunFolderPaths,
    private readonly options: SupervisorOptions,
  ) {
    this.guard = new Guard({ table: paths.table, leftovers: [paths.stackFile, paths.lock, paths.table] });
  }

  /** Starts these at once and resolves when all are ready. */
  async startAll(specs: readonly ProcessSpec[], signal: AbortSignal): Promise<void> {
    const { restart, say } = this.options;
    const hooks = { changed: () => this.changed(), say };
    const stage = specs.map(
      (spec) => new ManagedProcess(spec, logFileOf(this.paths, spec.name), restart, hooks),
    );
    this.stages.push(stage);
    await Promise.all(stage.map((each) => each.start(signal)));
  }

  /** Writes `stack.json`, and again whenever a process starts or ends. */
  publish(addresses: StackAddresses): void {
    this.published = addresses;
    this.changed();
    this.poll = setInterval(() => this.lookForGuests(), GUESTS_POLL_MS);
  }

  stackFile(): StackFile {
    const none = { gatewayUrl: null, mongoUri: null, redisUrl: null, smtpUrl: null, mailUrl: null };
    const addresses = this.published ?? { ...none, issuer: null, paymentsUrl: null };
    const processes = [...this.entries(), ...this.guests].map(({ name, pid }) => ({ name, pid }));
    return { ...addresses, processes };
  }

  async stop(): Promise<void> {
    clearInterval(this.poll);
    for (const stage of this.stages.toReversed()) await Promise.all(stage.map((each) => each.stop(GRACE_MS)));
    await this.guard.dismiss();
    closeRunFolder(this.paths);
  }

  /** For the second Ctrl-C: no more waiting. */
  killAll(): void {
    for (const each of this.stages.flat()) each.kill();
  }

  private entries(): ProcessEntry[] {
    return this.stages.flat().flatMap(({ name, pid }) => (pid === null ? [] : [entryOf(name, pid)]));
  }

  private changed(): void {
    writeJsonAtomically(this.paths.table, this.entries());
    if (this.published) writeJsonAtomically(this.paths.stackFile, this.stackFile());
  }

  private lookForGuests(): void {
    const guests = livingGuests(this.paths);
    if (JSON.stringify(guests) === JSON.stringify(this.guests)) return;
    this.guests = guests;
    this.changed();
  }
}
