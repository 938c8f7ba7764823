/**
 * etcd's own command line, unmodified, as somebody's script uses it: one program grants a lease,
 * another keeps it alive until it is told to end; one that holds a lock, or leads, does so until
 * then. What they print is what is believed.
 */
import type { Adapter, Client, Name, Surroundings } from '../adapter.ts';
import type { Programs, Running } from './programs.ts';

export const etcdctlAdapter = (file: string, version: string): Adapter => ({
  name: 'etcdctl',
  version,
  abilities: ['lease', 'put', 'lock', 'election'],
  isOutside: true,
  notJudgedBy: [
    // Each of its programs has a connection of its own.
    'FUZZ-19',
    // A program that puts knows nothing of one that has given the lease up.
    'FUZZ-27',
    // How long it waits before it connects again is left to chance, and that chance is its own.
    'FUZZ-30',
  ],
  start: (surroundings) => new EtcdctlClient(file, surroundings),
});

interface Kept {
  /** Its id; rejects when it was not granted. */
  readonly granted: Promise<bigint>;
  keeper?: Running;
  /** It was told to be revoked or released, or was lost. */
  isOver: boolean;
}

interface Ended {
  readonly lines: readonly string[];
  readonly code: number | null;
}

interface Started {
  readonly running: Running;
  readonly ended: Promise<Ended>;
}

interface Hold extends Started {
  /** It was told to be given back. */
  isOver: boolean;
}

class EtcdctlClient implements Client {
  readonly #file: string;
  readonly #url: string;
  readonly #programs: Programs;
  readonly #report: Surroundings['report'];
  readonly #leases = new Map<Name, Kept>();
  readonly #holds = new Map<Name, Hold>();
  readonly #running = new Set<Running>();

  constructor(file: string, { url, programs, report }: Surroundings) {
    if (programs === undefined) throw new Error('etcdctl runs where programs can');
    this.#file = file;
    this.#url = url;
    this.#programs = programs;
    this.#report = report;
  }

  async grant(name: Name, ttlSeconds: number): Promise<void> {
    const granted = this.#grant(ttlSeconds);
    const kept: Kept = { granted: granted.then(({ id }) => id), isOver: false };
    kept.granted.catch(() => {});
    this.#leases.set(name, kept);
    const { id, ttl } = await granted;
    if (kept.isOver) return;
    this.#report({ kind: 'granted', lease: name, id, ttl });
    this.#keepAlive(name, id, kept);
  }

  async revoke(name: Name): Promise<void> {
    const id = await this.#end(name)?.granted;
    if (id !== undefined) await this.#run('lease', 'revoke', hex(id));
  }

  async release(name: Name): Promise<void> {
    this.#end(name);
  }

  async put(key: string, name: Name): Promise<void> {
    const kept = this.#leases.get(name);
    const id = await kept?.granted;
    if (kept?.isOver === true) throw new Error('its lease is over');
    if (id !== undefined) await this.#run('put', `--lease=${hex(id)}`, key, '-');
  }

  lock(name: Name, ttl: number): Promise<void> {
    return this.#hold(name, ['lock', '--ttl', String(ttl), name]);
  }

  /** Its session has the TTL that it is born with: 60 s. */
  campaign(name: Name): Promise<void> {
    return this.#hold(name, ['elect', name, name]);
  }

  async unlock(name: Name): Promise<void> {
    await this.#letGo(name);
  }

  async resign(name: Name): Promise<void> {
    await this.#letGo(name);
  }

  async close(): Promise<void> {
    for (const name of this.#leases.keys()) this.#end(name);
    for (const running of this.#running) running.signal('SIGTERM');
  }

  /** Done when it holds, which it says with its key, or has ended. */
  async #hold(name: Name, args: readonly string[]): Promise<void> {
    let isHeld = false;
    const { ended, running } = this.#start(args, (line) => {
      const said = /^\S+\/([0-9a-f]+)$/.exec(line);
      if (said === null || isHeld) return;
      isHeld = true;
      const lease = BigInt(`0x${said[1]}`);
      this.#report({ kind: 'acquired', name, key: line, revision: null, lease });
      held();
    });
    let held: () => void = () => {};
    const isHolding = new Promise<void>((resolve) => {
      held = resolve;
    });
    const hold = { running, ended, isOver: false };
    this.#holds.set(name, hold);
    const over = ended.then(({ lines, code }) => {
      if (isHeld && !hold.isOver) this.#report({ kind: 'yielded', name });
      if (!isHeld && !hold.isOver) throw new Error(complaintOf(lines, code));
    });
    await Promise.race([isHolding, over]);
  }

  /** Told to end, it gives back what it holds, or wants no more. */
  async #letGo(name: Name): Promise<void> {
    const hold = this.#holds.get(name);
    if (hold === undefined) return;
    hold.isOver = true;
    hold.running.signal('SIGINT');
    const { code, lines } = await hold.ended;
    if (code !== 0) throw new Error(complaintOf(lines, code));
  }

  #end(name: Name): Kept | undefined {
    const kept = this.#leases.get(name);
    if (kept === undefined) return undefined;
    kept.isOver = true;
    kept.keeper?.signal('SIGTERM');
    return kept;
  }

  async #grant(ttl: number): Promise<{ id: bigint; ttl: number }> {
    const lines = await this.#run('lease', 'grant', String(ttl));
    for (const line of lines) {
      const said = /^lease ([0-9a-f]{16}) granted with TTL\((\d+)s\)$/.exec(line);
      if (said !== null) return { id: BigInt(`0x${said[1]}`), ttl: Number(said[2]) };
    }
    throw new Error('etcdctl lease grant names no lease');
  }

  #keepAlive(name: Name, id: bigint, kept: Kept): void {
    const lose = (why: string): void => {
      if (kept.isOver) return;
      kept.isOver = true;
      this.#report({ kind: 'lost', lease: name, why });
    };
    const { ended, running } = this.#start(['lease', 'keep-alive', hex(id)], (line) => {
      const said = / keepalived with TTL\((\d+)\)$/.exec(line);
      if (said !== null && !kept.isOver) {
        this.#report({ kind: 'renewed', lease: name, ttl: Number(said[1]) });
      } else if (line.endsWith(' expired or revoked.')) lose('expired or revoked');
    });
    kept.keeper = running;
    void ended.then(({ code, lines }) => lose(complaintOf(lines, code)));
  }

  /** What it has printed; rejects when it fails. */
  async #run(...args: string[]): Promise<readonly string[]> {
    const { lines, code } = await this.#start(args, () => {}).ended;
    if (code !== 0) throw new Error(complaintOf(lines, code));
    return lines;
  }

  #start(args: readonly string[], onLine: (line: string) => void): Started {
    const lines: string[] = [];
    let onEnd: (ended: Ended) => void = () => {};
    const ended = new Promise<Ended>((resolve) => {
      onEnd = resolve;
    });
    const running = this.#programs.start({
      file: this.#file,
      args: (url) => ['--endpoints', url, ...args],
      env: ENVIRONMENT,
      url: this.#url,
      onLine: (line) => {
        lines.push(line);
        onLine(line);
      },
      onEnd: (code) => {
        this.#running.delete(running);
        onEnd({ lines, code });
      },
    });
    this.#running.add(running);
    return { running, ended };
  }
}

/** Without a proxy, and without options of the user's. */
const ENVIRONMENT = { ETCDCTL_API: '3', NO_PROXY: '*' };

const hex = (id: bigint): string => id.toString(16).padStart(16, '0');

/** The same in each run: without addresses. */
const complaintOf = (lines: readonly string[], code: number | null): string => {
  const line = lines.findLast((one) => one.startsWith('Error: '));
  const ended = code === null ? 'ended by a signal' : `ended with code ${code}`;
  return line?.replaceAll(/127\.0\.0\.1:\d+/g, 'the server') ?? ended;
};
