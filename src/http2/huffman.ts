/** The code in which strings of headers may come (RFC 7541, section 5.2 and appendix B). */

/** How long the code of each byte is, in bits: a digit of base 36 for each. */
const LENGTHS = [
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca',
  'd67777777777777777777777878djde6f56565666577666567655677777fbeds',
  'kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn',
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq',
].join('');

const LONGEST = 30;

/** The bytes by the length of their codes. Codes of one length are in the order of their bytes. */
const BY_LENGTH: readonly number[][] = Array.from({ length: LONGEST + 1 }, (_, length) =>
  Array.from(LENGTHS, (digit, byte) => ({ byte, length: Number.parseInt(digit, 36) }))
    .filter((code) => code.length === length)
    .map(({ byte }) => byte),
);

/** The string, a character a byte. Throws what is wrong with it. */
export const decodeHuffman = (encoded: Uint8Array): string => {
  let text = '';
  // Of the code that has begun: its bits, how many they are, and the least code of that length.
  let code = 0;
  let length = 0;
  let least = 0;
  for (const eight of encoded) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      // The codes of each length follow those that are a bit shorter.
      least = 2 * (least + (BY_LENGTH[length] as number[]).length);
      code = 2 * code + ((eight >> bit) & 1);
      length += 1;
      if (length > LONGEST) throw new Error('a header has a code that stands for nothing');
      const byte = (BY_LENGTH[length] as number[])[code - least];
      if (byte === undefined) continue;
      text += String.fromCharCode(byte);
      code = 0;
      length = 0;
      least = 0;
    }
  }
  // What is left of the last byte is the beginning of the longest code, which is all ones.
  if (length > 7 || code !== 2 ** length - 1) throw new Error('a header ends within a code');
  return text;
};
