/** The NOSPACE alarm: while it is raised nothing is granted or put (GRANT-09). */
import type { Alarm } from '../api/command.ts';
import type { MinorVersion } from '../api/config.ts';
import type { Response } from '../api/response.ts';
import { type Revision, revision as toRevision } from '../api/units.ts';
import type { Fingerprint } from './fingerprint.ts';

export class Space {
  #isExhausted = false;
  readonly #fingerprint: Fingerprint;

  constructor(fingerprint: Fingerprint) {
    this.#fingerprint = fingerprint;
  }

  get isExhausted(): boolean {
    return this.#isExhausted;
  }

  /** KV-21: answers with the alarms it found or, when it changes one, with that one. */
  alarm({ action }: Alarm, etcd: MinorVersion, current: Revision): Response {
    const wasRaised = this.#isExhausted;
    // etcd 3.4 answers without a header.
    const revision = etcd === '3.4' ? toRevision(0) : current;
    switch (action) {
      case 'list':
        return { kind: 'alarms', revision, noSpace: wasRaised };
      case 'raise':
        this.#set(true);
        return { kind: 'alarms', revision, noSpace: true };
      case 'clear':
        this.#set(false);
        return { kind: 'alarms', revision, noSpace: wasRaised };
    }
  }

  #set(isExhausted: boolean): void {
    if (isExhausted === this.#isExhausted) return;
    this.#isExhausted = isExhausted;
    this.#fingerprint.word(isExhausted ? 8 : 9);
  }
}
