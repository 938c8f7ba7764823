export type { SimulatorOptions } from './options.ts';
export { Simulator } from './simulator.ts';
