/** Calls, and the end of a client. */
import type { ClientMutant } from '../mutant.ts';

const LEASE = 'lease.ts';

export const CALL_MUTANTS: readonly ClientMutant[] = [
  {
    id: 'client-revoke-not-waited-for',
    note: 'A lease is reported revoked whatever the server said.',
    edits: [
      {
        file: LEASE,
        search: '        if (error.code !== CODE.notFound) throw error;\n',
        replace: '        void error;\n',
      },
    ],
    contracts: ['FUZZ-21'],
  },
  {
    id: 'client-revoke-before-grant-forgotten',
    note: 'A lease that is revoked before it is granted is left to itself.',
    edits: [
      {
        file: LEASE,
        search: '    await this.granted.catch(() => {});\n',
        replace: '    if (this.#kept === undefined) return;\n',
      },
    ],
    contracts: ['FUZZ-22'],
  },
  {
    id: 'client-revoked-grant-is-kept',
    note: 'A lease that was revoked before it was granted is kept alive when it is.',
    edits: [
      {
        file: LEASE,
        search: "    if (this.over.aborted) throw new Error('the lease is not wanted any more');\n",
        replace: '',
      },
      {
        file: LEASE,
        search: '    await this.granted.catch(() => {});\n',
        replace: '    if (this.#kept === undefined) return;\n',
      },
    ],
    contracts: ['FUZZ-22', 'FUZZ-23'],
  },
  {
    id: 'client-call-without-end',
    note: 'A call that is broken off, or not answered, never settles.',
    edits: [
      {
        file: 'within.ts',
        search: "() => reject(new TooLate('no answer in time'))",
        replace: '() => {}',
      },
      {
        file: 'within.ts',
        search: '    const abort = (): void => reject(new Closed());',
        replace: '    const abort = (): void => {};',
      },
      {
        file: 'within.ts',
        search: 'export async function pause(',
        replace:
          'export const pause = (milliseconds: number, signal: AbortSignal): ' +
          'Promise<void> =>\n  new Promise((resolve) => void [signal, ' +
          'setTimeout(resolve, milliseconds)]);\n\nasync function unusedPause(',
      },
      {
        file: 'call.ts',
        search: "    const status = this.#trailers['grpc-status'];\n",
        replace:
          "    const status = this.#trailers['grpc-status'];\n    if (status === " +
          'undefined) return;\n',
      },
    ],
    contracts: ['FUZZ-20'],
  },
  {
    id: 'client-error-not-caught',
    note: 'Nobody catches that there is no connection.',
    edits: [
      {
        file: 'renewal-stream.ts',
        search: '      () => this.#ended(),\n    );',
        replace: '    );',
      },
    ],
    contracts: ['FUZZ-18'],
  },
  {
    id: 'client-ignores-goaway',
    note: 'A connection that the server has said goodbye on is used on.',
    edits: [
      {
        file: 'connection.ts',
        search: '!session.closed && !session.destroyed',
        replace: '!session.destroyed',
      },
    ],
    contracts: ['FUZZ-18', 'FUZZ-08'],
  },
  {
    id: 'client-close-leaves-connection',
    note: 'A client that is closed leaves its connection.',
    edits: [
      {
        file: 'connection.ts',
        search: '    for (const socket of this.#sockets) socket.destroy();\n',
        replace: '',
      },
    ],
    contracts: ['FUZZ-17'],
  },
  {
    id: 'client-close-leaves-leases',
    note: 'A client that is closed goes on.',
    edits: [
      { file: 'client.ts', search: '    this.#closing.abort();\n', replace: '' },
      {
        file: 'client.ts',
        search: '    await this.#surroundings.connection.close();\n',
        replace: '',
      },
    ],
    contracts: ['FUZZ-16', 'FUZZ-17'],
  },
  {
    id: 'client-puts-after-loss',
    note: 'A key is put with a lease that was given up.',
    edits: [
      {
        file: LEASE,
        search: 'if (this.#kept === undefined || !this.isAlive)',
        replace: 'if (this.#kept === undefined)',
      },
      {
        file: LEASE,
        search: 'const limit = Math.min(PERSISTENCE, this.#kept.deadline - performance.now());',
        replace: 'const limit = PERSISTENCE;',
      },
      {
        file: LEASE,
        search: '{ limit, signal: this.over }',
        replace: '{ limit, signal: this.#surroundings.closing }',
      },
    ],
    contracts: ['FUZZ-27'],
  },
];
