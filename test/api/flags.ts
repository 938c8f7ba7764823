/** CONST-03 at its boundaries: heartbeat, election timeout, and what etcd says of them. */
export const FLAGS: readonly (readonly [number, number, 'legal' | 'refused'])[] = [
  [100, 1000, 'legal'],
  [0, 1000, 'refused'],
  [100, 499, 'refused'],
  [100, 500, 'legal'],
  [1, 5, 'legal'],
  [10_000, 50_000, 'legal'],
  [10_001, 50_000, 'refused'],
  [100, 50_000, 'legal'],
  [100, 50_001, 'refused'],
];
