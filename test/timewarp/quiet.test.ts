/** What one look at a process concludes, from files of /proc that are made up. */
import { describe, expect, test } from 'vitest';
import { type Kernel, kernel } from '../../src/timewarp/kernel.ts';
import { ProcessView } from '../../src/timewarp/process-view.ts';
import { type Look, lookAt } from '../../src/timewarp/quiet.ts';

interface Thread {
  syscall: string;
  state: string;
  runs: number;
}

/** Process 9999: its ids run on with one more digit, so that they do not sort as text. */
class Process {
  readonly threads: Record<string, Thread> = {
    '9999': { syscall: FUTEX, state: 'S', runs: 100 },
    '10000': { syscall: NANOSLEEP, state: 'S', runs: 9_000 },
    '10001': { syscall: EPOLL, state: 'S', runs: 50 },
    '10002': { syscall: FUTEX, state: 'S', runs: 7 },
  };
  io = 'rchar: 1\nwchar: 2\n';
  /** Path of each file that was read, in order. */
  readonly read: string[] = [];
  /** Happens before each read. */
  onRead: (path: string, count: number) => void = () => {};
  readonly open = new Map<number, string>();

  look(): Look {
    const view = new ProcessView(this.#kernel(), 9999);
    const look = lookAt(view);
    view.close();
    expect(this.open.size).toBe(0);
    return look;
  }

  #kernel(): Kernel {
    return {
      ...kernel,
      list: () => Object.keys(this.threads).map(String).sort(),
      links: () => 2 + Object.keys(this.threads).length,
      open: (path) => {
        const file = this.open.size + 10 * this.read.length + 100;
        this.open.set(file, path);
        return file;
      },
      close: (file) => {
        expect(this.open.delete(file)).toBe(true);
      },
      read: (file, into) => {
        const path = this.open.get(file) as string;
        this.read.push(path);
        this.onRead(path, this.read.filter((each) => each === path).length);
        return Buffer.from(this.#content(path)).copy(into);
      },
    };
  }

  #content(path: string): string {
    if (path === '/proc/9999/io') return this.io;
    const [, id, name] = /^\/proc\/9999\/task\/(\d+)\/(\w+)$/.exec(path) ?? [];
    const thread = this.threads[id as string];
    if (thread === undefined) throw Object.assign(new Error('gone'), { code: 'ESRCH' });
    if (name === 'syscall') return `${thread.syscall}\n`;
    if (name === 'stat') return `${id} (a) S) x) ${thread.state} 1 2 3\n`;
    return `123 456 ${thread.runs}\n`;
  }
}

const FUTEX = '202 0x597b60 0x80 0x0 0x0 0x0 0x0 0x7ffd0 0x4813a3';
const NANOSLEEP = '35 0x7ffd0 0x0 0x0 0x0 0x0 0x0 0x7ffd0 0x4813a3';
const RESTARTED = '219 0x597b60 0x80 0x0 0x2e8ec38fdea0 0x0 0x0 0x7ffd0 0x4813a3';
const epoll = (timeout: string) => `281 0x4 0x7ffd0 0x80 ${timeout} 0x0 0x0 0x7ffd0 0x4813a3`;
const EPOLL = epoll('0x63');

const thread = (process: Process, id: string): Thread => process.threads[id] as Thread;

test('at rest: one thread polls, the others sleep', () => {
  const process = new Process();
  const { io } = process;
  expect(process.look()).toEqual({ quiet: true, poller: 10001, nextTimerMs: 99, io });
});

test.each([
  ['0xffffffff', undefined],
  ['0xffffffffffffffff', undefined],
  ['0x1', 1],
])('a poller that waits %s has its next timer in %s ms', (timeout, nextTimerMs) => {
  const process = new Process();
  thread(process, '10001').syscall = epoll(timeout);
  expect(process.look()).toMatchObject({ quiet: true, nextTimerMs });
});

test.each(['9999', '10000', '10002'])('thread %s may sleep on after it was stopped', (id) => {
  const process = new Process();
  thread(process, id).syscall = RESTARTED;
  expect(process.look()).toMatchObject({ quiet: true });
});

describe('not at rest', () => {
  test.each<[string, (process: Process) => void, string]>([
    ['a thread runs', (process) => (thread(process, '9999').syscall = 'running'), 'at running'],
    ['it writes', (process) => (thread(process, '10002').syscall = '1 0x5 0x6'), 'is at 1 0x5'],
    ['nobody polls', (process) => (thread(process, '10001').syscall = FUTEX), 'no thread polls'],
    [
      'it polls in passing',
      (process) => (thread(process, '10001').syscall = epoll('0x0')),
      'passing',
    ],
    ['one is woken', (process) => (thread(process, '10002').state = 'R'), 'a thread is awake'],
    ['the poller is woken', (process) => (thread(process, '10001').state = 'R'), 'awake'],
    ['sysmon is woken', (process) => (thread(process, '10000').state = 'R'), 'awake'],
    ['sysmon runs', (process) => (thread(process, '10000').syscall = 'running'), 'at running'],
  ])('%s', (_what, change, why) => {
    const process = new Process();
    change(process);
    expect(process.look()).toMatchObject({ quiet: false, why: expect.stringContaining(why) });
  });

  /** After the first pass has seen the file, `change` happens. */
  const afterFirst = (name: string, change: (process: Process) => void): Look => {
    const process = new Process();
    let changed = false;
    process.onRead = (path, count) => {
      if (changed || !path.endsWith(name) || count < 2) return;
      changed = true;
      change(process);
    };
    return process.look();
  };

  test.each<[string, (process: Process) => void, string]>([
    ['a thread ran meanwhile', (process) => (thread(process, '10002').runs += 1), 'ran meanwhile'],
    ['it read meanwhile', (process) => (process.io = 'rchar: 2\n'), 'read or wrote meanwhile'],
    ['a thread ended', (process) => delete process.threads['10002'], 'a thread has ended'],
    ['a thread was made', addThread, 'threads came or went'],
    ['another one polls', swapPollers, 'another thread polls'],
  ])('%s', (_what, change, why) => {
    expect(afterFirst('/9999/syscall', change)).toEqual({
      quiet: false,
      why: expect.stringContaining(why),
    });
  });

  test('that sysmon or the poller ran does not count', () => {
    const look = afterFirst('/9999/syscall', (process) => {
      thread(process, '10000').runs += 1;
      thread(process, '10001').runs += 1;
    });
    expect(look).toMatchObject({ quiet: true });
  });
});

function addThread({ threads }: Process): void {
  threads['10003'] = { syscall: FUTEX, state: 'S', runs: 1 };
}

function swapPollers(process: Process): void {
  thread(process, '10001').syscall = FUTEX;
  thread(process, '10002').syscall = EPOLL;
}
