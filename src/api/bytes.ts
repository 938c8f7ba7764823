/**
 * Keys and values are byte strings: strings in which each character stands for one byte (0x00 to
 * 0xff).
 *
 * JavaScript compares such strings bytewise, which is the order etcd keeps keys in (REVOKE-02), and
 * they serve as map keys. JSON carries them as they are. Text outside ASCII goes through `fromUtf8`
 * and `toUtf8` at the edges.
 */
declare const bytes: unique symbol;

export type Bytes = string & { readonly [bytes]: true };

/** The bytes of an ASCII or Latin-1 string, as they stand. */
export const asBytes = (text: string): Bytes => text as Bytes;

export const NO_BYTES = asBytes('');

/** True when each character of `text` stands for one byte. */
export const isBytes = (text: string): text is Bytes => {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 0xff) return false;
  }
  return true;
};

/** The end of the range of all keys that begin with `prefix`, as etcd's clients compute it. */
export const prefixEnd = (prefix: Bytes): Bytes => {
  for (let index = prefix.length - 1; index >= 0; index -= 1) {
    const byte = prefix.charCodeAt(index);
    if (byte < 0xff) return asBytes(prefix.slice(0, index) + String.fromCharCode(byte + 1));
  }
  return FROM_KEY;
};

/** As the end of a range: every key from its start on. */
export const FROM_KEY = asBytes('\0');
