/**
 * What /proc shows of the threads of a process. Each file is opened once and read again and again:
 * the kernel writes it anew at each read from its beginning.
 */
import { errnoOf, meansGone, WarpUnsupported } from './errors.ts';
import type { FileDescriptor, Kernel } from './kernel.ts';

const THREAD_FILES = ['syscall', 'stat', 'schedstat'] as const;
type ThreadFile = (typeof THREAD_FILES)[number];

export const WITHOUT_COUNTERS =
  'to settle, the kernel needs TASK_IO_ACCOUNTING, SCHED_INFO and HAVE_ARCH_TRACEHOOK';

/** A thread, by its open files. */
export interface Thread {
  readonly id: number;
  readonly files: Readonly<Record<ThreadFile, FileDescriptor>>;
}

/** The system call a thread is in. */
export interface SystemCall {
  /** NaN when it runs; -1 when it is stopped outside of one. */
  readonly number: number;
  /** All of it, as the kernel says it. */
  readonly line: string;
}

export class ProcessView {
  readonly #kernel: Kernel;
  readonly #folder: string;
  readonly #pid: number;
  readonly #threads = new Map<string, Thread>();
  readonly #text = Buffer.alloc(512);
  #io: FileDescriptor | undefined;
  /** The threads as they were listed, and the links that their folder had. */
  #listed: { readonly threads: readonly Thread[]; readonly links: number } | undefined;
  /** Who was seen awake last, while it is open. */
  #suspect: Thread | undefined;

  constructor(kernel: Kernel, pid: number) {
    this.#kernel = kernel;
    this.#pid = pid;
    this.#folder = `/proc/${pid}`;
  }

  /**
   * The threads, in the order in which they were made; throws one of /proc's errors when one is
   * gone before it was opened.
   */
  threads(): readonly Thread[] {
    const links = this.#kernel.links(`${this.#folder}/task`);
    // While as many are there and each can be read, they are the same: ids are not given again.
    if (this.#listed?.links !== links) this.#listed = { threads: this.#list(), links };
    return this.#listed.threads;
  }

  /** One has ended, and another may have been made: the next look lists them anew. */
  forgetThreads(): void {
    this.#listed = undefined;
  }

  #list(): readonly Thread[] {
    const names = this.#kernel.list(`${this.#folder}/task`);
    const current = new Set(names);
    for (const [name, thread] of this.#threads) {
      if (current.has(name)) continue;
      this.#threads.delete(name);
      if (this.#suspect === thread) this.#suspect = undefined;
      this.#closeAll(Object.values(thread.files));
    }
    const threads = names.map((name) => this.#threads.get(name) ?? this.#open(name));
    return threads.sort((one, other) => this.#age(one) - this.#age(other));
  }

  /** The system call that the thread is in, or was in when it fell asleep. */
  systemCall({ files }: Thread): SystemCall {
    const line = this.#read(files.syscall);
    return { number: Number.parseInt(line, 10), line };
  }

  /** Whether the thread that was seen awake last still is: one file tells. */
  get isAwakeStill(): boolean {
    return this.#suspect !== undefined && !this.isAsleep(this.#suspect);
  }

  /** It is awake, for all that is known. */
  suspect(thread: Thread | number): void {
    this.#suspect = typeof thread === 'number' ? this.#threads.get(String(thread)) : thread;
  }

  /**
   * Whether the thread sleeps. Unlike `systemCall`, this tells of one that has been woken, but
   * whose wake-up still waits for another CPU.
   */
  isAsleep({ files }: Thread): boolean {
    const line = this.#read(files.stat);
    return line[line.lastIndexOf(')') + 2] === 'S';
  }

  /** How often the thread has been put on a CPU. */
  timesRun({ files }: Thread): string {
    const line = this.#read(files.schedstat);
    return line.slice(line.lastIndexOf(' ') + 1, -1);
  }

  /** All reading and writing of the process so far, sockets included: equal if there was none. */
  io(): string {
    this.#io ??= this.#openFile(`${this.#folder}/io`);
    return this.#read(this.#io);
  }

  /** Whether the process has a handler for the signal of this number. */
  handles(signalNumber: number): boolean {
    const status = this.#kernel.readText(`${this.#folder}/status`);
    const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
    return ((BigInt(`0x${caught}`) >> BigInt(signalNumber - 1)) & 1n) === 1n;
  }

  /** Closes all files; the next look opens them again. */
  close(): void {
    const threads = [...this.#threads.values()];
    this.#threads.clear();
    this.#listed = undefined;
    this.#suspect = undefined;
    this.#closeAll(threads.flatMap(({ files }) => Object.values(files)));
    if (this.#io !== undefined) this.#kernel.close(this.#io);
    this.#io = undefined;
  }

  #open(name: string): Thread {
    const opened: FileDescriptor[] = [];
    try {
      for (const file of THREAD_FILES) {
        opened.push(this.#openFile(`${this.#folder}/task/${name}/${file}`));
      }
    } catch (error) {
      this.#closeAll(opened);
      throw error;
    }
    const [syscall, stat, schedstat] = opened as [number, number, number];
    const thread = { id: Number(name), files: { syscall, stat, schedstat } };
    this.#threads.set(name, thread);
    return thread;
  }

  #openFile(path: string): FileDescriptor {
    try {
      return this.#kernel.open(path, 'r');
    } catch (error) {
      // A thread that is gone takes its folder along.
      if (meansGone(error)) this.#kernel.list(path.slice(0, path.lastIndexOf('/')));
      const what = `${path} cannot be read (${errnoOf(error)})`;
      throw new WarpUnsupported('COUNTERS', `${what}; ${WITHOUT_COUNTERS}`, { cause: error });
    }
  }

  /** Ids grow as threads are made, and begin anew when they have become too large. */
  #age({ id }: Thread): number {
    return id >= this.#pid ? id : id + 2 ** 32;
  }

  #closeAll(files: readonly FileDescriptor[]): void {
    for (const file of files) this.#kernel.close(file);
  }

  #read(file: FileDescriptor): string {
    const length = this.#kernel.read(file, this.#text, 0);
    return this.#text.toString('latin1', 0, length);
  }
}
