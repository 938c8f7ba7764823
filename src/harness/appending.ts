/** Lists that grow, mostly by one thing, and are given up again a moment later. */

/**
 * The list with more at its end; it may be the same one. An empty list is made anew, as large as it
 * has to be: one that grows from nothing takes room for 17.
 */
export const appended = <T>(list: T[], more: readonly T[]): T[] => {
  if (list.length === 0) return [...more];
  for (const each of more) list.push(each);
  return list;
};
