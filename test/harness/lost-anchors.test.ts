import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { type FailedTrial, tryOut } from '../../src/harness/trial.ts';
import { shrinkFailure } from '../../src/harness/campaign.ts';
import { readCase } from '../../src/harness/counterexample.ts';
import { generate } from '../../src/harness/generate.ts';
import { lostAnchors, withoutLostAnchors } from '../../src/harness/lost-anchors.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { parseScheduleFile } from '../../src/harness/schedule-file.ts';
import { printSchedule, SCHEDULE_HEADER } from '../../src/harness/schedule-text.ts';
import { smaller } from '../../src/harness/smaller.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { Seed } from '../../src/seed.ts';

const generated = (index: number, clock: 'virtual' | 'real' = 'virtual') =>
  generate(Seed.of(3n).split('lost', index), {
    config: DEFAULT_CONFIG,
    commands: 60,
    clients: 3,
    clock,
    abilities: clock === 'virtual' ? ['restart', 'leader', 'apply'] : [],
  });

const textOf = (...lines: readonly string[]) => [SCHEDULE_HEADER, ...lines].join('\n');

const LEASES = [
  'at 0 c1 grant A ttl=5',
  'at 0 c1 grant B*3 ttl=5',
  'at 0 c1 grant C.1 ttl=5',
  'at A.deadline c1 leases',
  'at B.3.turn c1 leases',
  'at B.deadline c1 leases',
  'at C.deadline c1 leases',
  'at #7.deadline c1 leases',
];

test('a lease, each of a group, the name of a group and an id can be hung on', () => {
  expect(lostAnchors(parseSchedule(textOf(...LEASES)).steps)).toEqual([]);
  expect(parseScheduleFile(textOf(...LEASES)).steps).toHaveLength(LEASES.length);
});

test.each(['Z', 'B.4', 'A.1'])(
  'a file that hangs on %s, which no line grants, is refused',
  (name) => {
    const text = textOf('# a comment', ...LEASES, '', `at ${name}.deadline-1ms c1 leases`);
    expect(() => parseScheduleFile(text)).toThrow(`line 12: no line grants ${name},`);
    const plain = withoutLostAnchors(parseSchedule(text));
    expect(printSchedule(plain)).toMatch(/^at \+0 +c1 +leases$/m);
  },
);

test('of 50,000 leases each is hung on, in one go: not a line of the file for each line', () => {
  const names = Array.from({ length: 50_000 }, (_, index) => `A${index}`);
  const lines = names.flatMap((name) => [
    `at 0 c1 grant ${name} ttl=5`,
    `at ${name}.deadline c1 leases`,
  ]);
  expect(lostAnchors(parseSchedule(textOf(...lines)).steps)).toEqual([]);
});

test('a command about what no line grants is not refused: such ids are worth a try', () => {
  expect(parseScheduleFile(textOf('at 0 c1 revoke U')).steps).toHaveLength(1);
});

test('no generated schedule hangs on what it does not grant', () => {
  for (let index = 0; index < 40; index += 1) {
    for (const clock of ['virtual', 'real'] as const) {
      const { steps } = generated(index, clock);
      expect(lostAnchors(steps)).toEqual([]);
    }
  }
});

test('a smaller schedule does the same without its lost anchors', async () => {
  let lost = 0;
  for (const candidate of smaller(generated(1))) {
    const plain = withoutLostAnchors(candidate);
    if (plain === candidate) continue;
    const [given, other] = [
      await tryOut(candidate, simulatorTarget()),
      await tryOut(plain, simulatorTarget()),
    ];
    expect(other.history).toEqual(given.history);
    lost += 1;
    if (lost === 8) break;
  }
  expect(lost).toBe(8);
});

test('what was shrunk, if not to the end, can be read again as a file', async () => {
  const schedule = parseSchedule(textOf('at 1s c1 leases', 'at Z.turn+1s c1 leases'));
  const failed = (await tryOut(schedule, simulatorTarget())) as FailedTrial;
  const { trial } = await shrinkFailure(failed, simulatorTarget(), { stopped: () => true });
  expect(parseScheduleFile(printSchedule(trial.schedule)).steps).toHaveLength(2);
});

test('every schedule that comes along can be read as a file', () => {
  for (const folder of ['examples', 'examples/virtual-clock']) {
    const names = readdirSync(folder).filter((name) => name.endsWith('.leasehold'));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      expect(readCase(readFileSync(`${folder}/${name}`, 'utf8')).kind).toBe('schedule');
    }
  }
});
