/** What the watches of clients delivered, in the words of a schedule. */
import type { Command, StreamId, Token } from '../api/command.ts';
import type { Delivery } from '../api/response.ts';
import { type Names, wordDelivery } from '../harness/describe.ts';
import type { ScheduleStep, WatchRef } from '../harness/schedule.ts';
import type { Completion } from '../harness/target.ts';

export class Deliveries {
  /** Whose each stream is. */
  readonly #clients = new Map<StreamId, number>();
  /** What a watch is called, when it is asked for and when it is there. */
  readonly #asked = new Map<Token, { readonly stream: StreamId; readonly name: WatchRef }>();
  readonly #names = new Map<string, WatchRef>();

  called(command: Command, client: number, step: ScheduleStep | undefined): void {
    if (command.kind !== 'watch') return;
    const { stream, token } = command;
    this.#clients.set(stream, client);
    const name = step?.action.kind === 'watch' ? step.action.name : `watch ${command.watch}`;
    this.#asked.set(token, { stream, name });
  }

  answered(token: Token, completion: Completion): void {
    const asked = this.#asked.get(token);
    if (asked === undefined || completion.kind !== 'answered') return;
    const { response } = completion;
    if (response.kind !== 'watchCreated') return;
    this.#names.set(`${asked.stream}/${response.watch}`, asked.name);
  }

  told(delivery: Delivery, names: Names): { readonly client: number; readonly what: string } {
    const { stream, watch } = delivery;
    const name = this.#names.get(`${stream}/${watch}`) ?? `watch ${watch}`;
    const what = `${name} is told: ${wordDelivery(delivery, names)}`;
    return { client: this.#clients.get(stream) ?? 0, what };
  }
}
