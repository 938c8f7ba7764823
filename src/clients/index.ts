/** Clients of etcd under hostile networks, on a clock in hand. */
export type { Ability, Adapter, Client, ClientEvent, Name, Surroundings } from './adapter.ts';
export { type BreachOptions, breachOf } from './breach-of.ts';
export type { Breach, Contract } from './contract.ts';
export { CONTRACTS } from './contracts/contracts.ts';
export { parseStory } from './parse-story.ts';
export type { Act, Aim, CallName, ClientStory, Fault, Side, StoryStep } from './story.ts';
export { printStory } from './story-text.ts';
export type { Trace, TraceEntry } from './trace.ts';
export { runStory, type WorldOptions, type WorldRun } from './world.ts';
