/** Turns that find nothing to do: passed over where that is wished, and it makes no difference. */
import { describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { instant } from '../../src/api/units.ts';
import { generate } from '../../src/harness/generate.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { tryOut } from '../../src/harness/trial.ts';
import { Seed } from '../../src/seed.ts';
import { Simulator, type SimulatorOptions } from '../../src/simulator/index.ts';
import { Rig } from './rig.ts';

/** Runs every turn, also those that find nothing. */
class EveryTurn extends Simulator {
  constructor(options: SimulatorOptions) {
    super({ ...options, passOverIdleTurns: false });
  }
}

test('CONST-04: whatever happens, it happens as if every turn ran', async () => {
  const target = simulatorTarget();
  const every = simulatorTarget({ implementation: EveryTurn });
  const { abilities = [] } = target;
  for (let number = 0; number < 200; number += 1) {
    const config = { ...DEFAULT_CONFIG, leaseCheckpoint: number % 2 === 0 };
    const options = { config, commands: 50, clients: 3, clock: 'virtual', abilities } as const;
    const schedule = generate(Seed.of(7n).split('run', number), options);
    const [fast, plain] = [await tryOut(schedule, target), await tryOut(schedule, every)];
    expect(fast.history.entries).toEqual(plain.history.entries);
  }
});

describe('turns that find nothing are passed over', () => {
  const turnsOf = (rig: Rig): readonly string[] =>
    rig.log.filter((line) => line.startsWith('turn'));

  test('while the clock advances, and those that find something are not', () => {
    const at: number[] = [];
    const rig: Rig = new Rig(
      {},
      { passOverIdleTurns: true, onTurn: () => at.push(rig.clock.now), firstTurn: instant(100) },
    );
    rig.grant(1n, 2);
    rig.grant(2n, 5);
    rig.advanceTo(9000);
    expect(at).toEqual([2100, 5100]);
  });

  test('but not where the clock comes to stand on one, nor where it lands', () => {
    const rig = new Rig({}, { passOverIdleTurns: true });
    rig.advanceTo(1999);
    expect(turnsOf(rig)).toHaveLength(0);
    rig.advanceTo(2000);
    expect(turnsOf(rig)).toEqual(['turn']);
    rig.jumpTo(7300);
    expect(turnsOf(rig)).toHaveLength(2);
  });

  test('unless it is not wished', () => {
    const rig = new Rig({}, {});
    rig.advanceTo(2000);
    expect(turnsOf(rig)).toHaveLength(4);
  });
});
