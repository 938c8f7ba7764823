/** What runs the chunks of a check side by side: whoever is free takes the next one. */
import type { Chunk, ChunkResult, Pool } from './chunk.ts';

/** Runs one chunk at a time. */
export interface Lane {
  run(chunk: Chunk): Promise<ChunkResult>;
  close(): Promise<unknown>;
}

export class Lanes implements Pool {
  readonly #lanes: readonly Lane[];
  readonly #free: Lane[];
  readonly #waiting: ((lane: Lane) => void)[] = [];

  constructor(lanes: readonly Lane[]) {
    this.#lanes = lanes;
    this.#free = [...lanes];
  }

  async run(chunk: Chunk): Promise<ChunkResult> {
    const lane = await this.#freeLane();
    try {
      return await lane.run(chunk);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(lane);
      else next(lane);
    }
  }

  close(): Promise<unknown> {
    return Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  #freeLane(): Promise<Lane> {
    const free = this.#free.shift();
    if (free !== undefined) return Promise.resolve(free);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
