export const EXIT = { conformant: 0, violation: 1, usage: 2, inconclusive: 3, bug: 4 } as const;
