/** Clients that are programs of their own. */
import { spawn } from 'node:child_process';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Child {
  readonly ended: Promise<Ended>;
  /** Resolves once the program has printed `text`, or that so often. */
  printed(text: string, times?: number): Promise<void>;
  stop(): void;
}

export const start = (
  program: string,
  args: readonly string[],
  { env = {}, input = '' }: { env?: Readonly<Record<string, string>>; input?: string } = {},
): Child => {
  const child = spawn(program, args, { env: { ...process.env, ...env } });
  let out = '';
  let err = '';
  let onOutput = (): void => {};
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    onOutput();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
  return {
    ended,
    printed: (text, times = 1) =>
      new Promise((resolve, reject) => {
        onOutput = () => {
          if (out.split(text).length > times) resolve();
        };
        onOutput();
        void ended.then(() => reject(new Error(`ended without ${text}: ${out}${err}`)));
      }),
    stop: () => child.kill('SIGINT'),
  };
};
