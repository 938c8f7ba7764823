/** Can this machine do it? */
import { createInterface } from 'node:readline';
import { type UnsupportedCode, WarpUnsupported } from './errors.ts';
import { type Kernel, kernel } from './kernel.ts';
import { SECOND } from './nanoseconds.ts';
import { ProcessView, WITHOUT_COUNTERS } from './process-view.ts';
import { spawnOn } from './spawn.ts';
import { after } from './waiting.ts';
import type { WarpedProcess } from './warped-process.ts';

export type Probe =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** The condition that is not met. */
      readonly code: UnsupportedCode;
      /** One line that says what to do. */
      readonly message: string;
    };

/**
 * Takes the clock of a Node process, moves it, and asks it for the time: about a tenth of a second.
 */
export const probe = (): Promise<Probe> => probeOn(kernel);

/** The same on a kernel of one's own. */
export const probeOn = async (kernel: Kernel): Promise<Probe> => {
  try {
    await attempt(kernel);
    return { ok: true };
  } catch (error) {
    if (!(error instanceof WarpUnsupported)) throw error;
    return { ok: false, code: error.code, message: error.message };
  }
};

const WALL = 2_000_000_000n * SECOND;
const JUMP = 3_600n * SECOND;
const ANSWER_MS = 10_000;

/** Says both clocks for each line it reads, in milliseconds and in nanoseconds. */
const SCRIPT = `
  process.stdin.on('data', () => console.log(Date.now(), String(process.hrtime.bigint())));
`;

const attempt = async (kernel: Kernel): Promise<void> => {
  const env = { ...process.env, NODE_OPTIONS: undefined };
  const stdio = ['pipe', 'pipe', 'ignore'] as const;
  const options = { wall: WALL, env, stdio: [...stdio] };
  const node = await spawnOn(kernel, process.execPath, ['-e', SCRIPT], options);
  const cancel = after(ANSWER_MS, () => node.child.kill('SIGKILL'));
  try {
    await compare(node);
    checkCounters(new ProcessView(kernel, node.pid));
  } finally {
    cancel();
    await node.stop({ signal: 'SIGKILL' });
  }
};

const compare = async ({ child, clock }: WarpedProcess): Promise<void> => {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const answers = lines[Symbol.asyncIterator]();
  for (const jump of [0n, JUMP]) {
    clock.jump(jump);
    const { wall, monotonic } = clock.now();
    child.stdin?.write('now\n');
    const { value } = await answers.next();
    const expected = `${wall / 1_000_000n} ${monotonic}`;
    if (value === expected) continue;
    const what = `a process reads ${value ?? 'nothing'} instead of ${expected}`;
    throw new WarpUnsupported('NOEFFECT', `${what}: an emulator, or time without the vdso`);
  }
};

/** The kernel may keep the files and not count. */
const checkCounters = (view: ProcessView): void => {
  try {
    view.io();
    if (view.threads().some((thread) => view.timesRun(thread) !== '0')) return;
    throw new WarpUnsupported('COUNTERS', `schedstat counts nothing; ${WITHOUT_COUNTERS}`);
  } finally {
    view.close();
  }
};
