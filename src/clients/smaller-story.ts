/** Stories that are a little smaller than a given one, the boldest cuts first. */
import {
  type Act,
  type Aim,
  type ClientStory,
  type Fault,
  isFault,
  type StoryStep,
} from './story.ts';

export function* smallerStories(story: ClientStory): Generator<ClientStory> {
  for (const steps of fewer(story.steps)) yield { ...story, steps };
  yield* fewerClients(story);
  for (const [index, step] of story.steps.entries()) {
    for (const simpler of simplerSteps(step)) {
      const steps = story.steps.with(index, simpler).toSorted((left, right) => left.at - right.at);
      yield { ...story, steps };
    }
  }
  const last = Math.max(0, ...story.steps.map(({ at }) => at));
  for (const lasts of roundDown(story.lasts, 1000)) if (lasts > last) yield { ...story, lasts };
}

/** Halves, quarters, … and single steps left out; and all that is done with one name. */
function* fewer(steps: readonly StoryStep[]): Generator<StoryStep[]> {
  for (let size = Math.ceil(steps.length / 2); size >= 2; size = Math.floor(size / 2)) {
    for (let start = 0; start < steps.length; start += size) {
      yield steps.filter((_, index) => index < start || index >= start + size);
    }
  }
  const names = new Set(steps.flatMap(({ act }) => ('name' in act ? [act.name] : [])));
  if (names.size > 1) {
    for (const name of names)
      yield steps.filter(({ act }) => !('name' in act) || act.name !== name);
  }
  for (const [index] of steps.entries()) yield steps.toSpliced(index, 1);
}

/** Clients that do nothing go, and the others move up. */
function* fewerClients(story: ClientStory): Generator<ClientStory> {
  const acting = new Set(story.steps.flatMap(({ act }) => (isFault(act) ? [] : [act.client])));
  const order = [...acting].sort((left, right) => left - right);
  const place = (client: number): number => order.indexOf(client);
  if (order.every((client, index) => client === index)) return;
  const steps = story.steps.flatMap(({ at, act }) => {
    const moved = moveClient(act, place);
    return moved === null ? [] : [{ at, act: moved }];
  });
  yield { ...story, steps };
}

const moveClient = (act: Act | Fault, place: (client: number) => number): Act | Fault | null => {
  if ('aim' in act) {
    const { client } = act.aim;
    if (client === null) return act;
    return place(client) < 0 ? null : { ...act, aim: { ...act.aim, client: place(client) } };
  }
  if (!('client' in act) || act.client === null) return act;
  return place(act.client) < 0 ? null : { ...act, client: place(act.client) };
};

function* simplerSteps({ at, act }: StoryStep): Generator<StoryStep> {
  for (const simpler of simplerActs(act)) yield { at, act: simpler };
  for (const earlier of roundDown(at, 1000)) yield { at: earlier, act };
  for (const earlier of roundDown(at, 100)) yield { at: earlier, act };
}

function* simplerActs(act: Act | Fault): Generator<Act | Fault> {
  if ('aim' in act) for (const aim of simplerAims(act.aim)) yield { ...act, aim };
  if ('ttl' in act && act.ttl !== 3) yield { ...act, ttl: 3 };
  if ('ttl' in act && act.ttl > 9) yield { ...act, ttl: 9 };
  if ('for' in act) for (const less of roundDown(act.for, 1000)) yield { ...act, for: less };
  if ('for' in act) for (const less of roundDown(act.for, 100)) yield { ...act, for: less };
  if ('down' in act) for (const down of roundDown(act.down, 1000)) yield { ...act, down };
  if (act.kind === 'delay') for (const by of roundDown(act.by, 1000)) yield { ...act, by };
}

function* simplerAims(aim: Aim): Generator<Aim> {
  if (aim.times > 1) {
    yield { ...aim, times: 1 };
    yield { ...aim, times: Math.floor(aim.times / 2) };
    yield { ...aim, times: aim.times - 1 };
  }
  if (aim.client === null) yield { ...aim, client: 0 };
  const { about, ...anything } = aim;
  if (about !== undefined) yield anything;
}

/** Half, and the next round value below. */
function* roundDown(value: number, unit: number): Generator<number> {
  if (value <= 0) return;
  const half = Math.floor(value / 2 / unit) * unit;
  if (half > 0 && half < value) yield half;
  const round = Math.floor((value - 1) / unit) * unit;
  if (round > 0 && round !== half && round < value) yield round;
}
