/** What a server sends that can be read and is yet none of etcd's messages. */

/** What is read of a message; undefined when etcd would not send it. */
export const readable = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
};

/** A part that etcd always sends is not there, or a number is none. */
export const isUnreadable = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;

/** In the words of gRPC's library for what it cannot read itself. */
export const UNREADABLE =
  '13 INTERNAL: Response message parsing error: a part is missing that etcd always sends';
