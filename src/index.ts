/** What most users need: schedules in, verdicts out, on the embedded simulator. */
export { DEFAULT_CONFIG, type ServerConfig } from './api/config.ts';
export { VirtualClock } from './clock/index.ts';
export {
  check,
  generate,
  parseSchedule,
  printSchedule,
  simulatorTarget,
  type Trial,
  tryOut,
  type Verdict,
} from './harness/index.ts';
export { initialState, type State, type Step, step } from './model/index.ts';
export { textReport } from './report/text.ts';
export { Seed } from './seed.ts';
export { Simulator, type SimulatorOptions } from './simulator/index.ts';
export { VERSION } from './version.ts';
