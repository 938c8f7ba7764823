/** Words for a shell, so that a command that is printed can be pasted, whatever its paths hold. */

/** A command of ours; its words stay as they are. */
export const command = (...words: readonly string[]): string =>
  ['npx', 'leasehold', ...words].map(shellWord).join(' ');

export const shellWord = (text: string): string =>
  PLAIN.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Nothing in it means something to a shell. */
const PLAIN = /^[\p{L}\p{M}\p{N}_@%+:,./-][\p{L}\p{M}\p{N}_@%+=:,./-]*$/u;
