/** Which findings a file of tests confirms on a real etcd: all that are said to be, of its. */
import type { ClientFinding } from './client-finding.ts';
import { CLIENT_FINDINGS } from './client-findings.ts';

export class Confirmed {
  readonly #said: readonly ClientFinding[];
  readonly #played = new Set<string>();

  constructor(client: string, isOfFile: (slug: string) => boolean = () => true) {
    this.#said = CLIENT_FINDINGS.filter(
      (one) => one.client === client && one.confirmed !== null && isOfFile(one.slug),
    );
  }

  /** The title of one that is played. */
  title(slug: string): string {
    const found = this.#said.find((one) => one.slug === slug);
    if (found === undefined) throw new Error(`${slug} is no finding that is said to be confirmed`);
    this.#played.add(slug);
    return found.title;
  }

  /** Those that are said to be confirmed, and are not played. */
  get missing(): readonly string[] {
    return this.#said.map(({ slug }) => slug).filter((slug) => !this.#played.has(slug));
  }
}
