/** One side of a comparison, in a process of its own, so that its CPU and memory are its own. */
export interface OpenSide<Task, Done> {
  /** Not timed. */
  prepare?(task: Task): Promise<void>;
  /** Timed. */
  run(task: Task): Promise<Done>;
  close(): Promise<void>;
}

/** What a side's module exports as `open`. */
export type Open<Settings, Task, Done> = (settings: Settings) => Promise<OpenSide<Task, Done>>;

/** Where a side finds the bench's stores. */
export interface StoreAddresses {
  /** With a database in its path. */
  mongodbUri: string;
  redisUrl: string;
  /** Of every BullMQ key. */
  queuePrefix: string;
}

export type Call =
  | { id: number; kind: 'open'; module: string; argument: unknown }
  | { id: number; kind: 'prepare' | 'run'; argument: unknown }
  | { id: number; kind: 'close' };

export type Reply =
  | { id: number; ok: true; value: unknown; seconds: number; cpuSeconds: number }
  | { id: number; ok: false; error: string };
