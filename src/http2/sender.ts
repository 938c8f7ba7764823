/** What a connection sends: frames at once, data as far as the server has room (RFC 9113, 5.2). */
import { DATA, END_STREAM, frameHead, LARGEST_FRAME } from './frames.ts';

/** The room for data at first, in bytes: on the connection, and on each stream. */
export const FIRST_WINDOW = 65_535;

/** Identifiers of settings. */
export const HEADER_TABLE_SIZE = 1;
export const ENABLE_PUSH = 2;
export const INITIAL_WINDOW_SIZE = 4;
const MAX_FRAME_SIZE = 5;

/** The sending side of a stream. */
interface Outlet {
  readonly id: number;
  /** What the server may be sent on it. */
  room: number;
  readonly unsent: Buffer[];
  /** Nothing follows what is unsent. */
  ends: boolean;
}

export class Sender {
  readonly #write: (bytes: Buffer) => void;
  readonly #outlets = new Map<number, Outlet>();
  #outgoing: Buffer[] = [];
  #room = FIRST_WINDOW;
  #firstRoom = FIRST_WINDOW;
  #largest = LARGEST_FRAME;

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  /** Takes a frame, which goes out with the next flush. */
  frame(type: number, flags: number, stream: number, payload: Buffer): void {
    this.#outgoing.push(frameHead(type, flags, stream, payload.length));
    if (payload.length > 0) this.#outgoing.push(payload);
  }

  /** Hands everything to the system. */
  flush(): void {
    if (this.#outgoing.length === 0) return;
    this.#write(Buffer.concat(this.#outgoing));
    this.#outgoing = [];
  }

  open(id: number): void {
    this.#outlets.set(id, { id, room: this.#firstRoom, unsent: [], ends: false });
  }

  /** Data of an open stream; of one that is closed it sends none. */
  data(id: number, data: Buffer, ends: boolean): void {
    const outlet = this.#outlets.get(id);
    if (outlet === undefined) return;
    outlet.unsent.push(data);
    outlet.ends = ends;
    this.#pump(outlet);
  }

  /** Whether all had been sent that ever was to be. */
  close(id: number): boolean {
    const outlet = this.#outlets.get(id);
    this.#outlets.delete(id);
    return outlet !== undefined && outlet.ends && outlet.unsent.length === 0;
  }

  /** The server's settings. */
  agree(settings: Buffer): void {
    for (let at = 0; at + 6 <= settings.length; at += 6) {
      const setting = settings.readUInt16BE(at);
      const value = settings.readUInt32BE(at + 2);
      if (setting === MAX_FRAME_SIZE) this.#largest = value;
      if (setting !== INITIAL_WINDOW_SIZE) continue;
      for (const outlet of this.#outlets.values()) outlet.room += value - this.#firstRoom;
      this.#firstRoom = value;
    }
    this.#pumpAll();
  }

  /** The server has room for so many bytes more; stream 0 is the connection. */
  widen(stream: number, more: number): void {
    const outlet = this.#outlets.get(stream);
    if (stream === 0) {
      this.#room += more;
      this.#pumpAll();
    } else if (outlet !== undefined) {
      outlet.room += more;
      this.#pump(outlet);
    }
  }

  #pumpAll(): void {
    for (const outlet of this.#outlets.values()) this.#pump(outlet);
  }

  #pump(outlet: Outlet): void {
    const { unsent } = outlet;
    for (let data = unsent[0]; data !== undefined; data = unsent[0]) {
      const length = Math.min(data.length, outlet.room, this.#room, this.#largest);
      if (length <= 0 && data.length > 0) return;
      if (length === data.length) unsent.shift();
      else unsent[0] = data.subarray(length);
      outlet.room -= length;
      this.#room -= length;
      const flags = outlet.ends && unsent.length === 0 ? END_STREAM : 0;
      this.frame(DATA, flags, outlet.id, data.subarray(0, length));
    }
  }
}
