/** How the numbers of streams are shared out among sessions and their clients. */

/** Streams that a client may have; the stream ids of a session's clients do not overlap. */
export const STREAMS_PER_CLIENT = 128;

/** And of all clients of a session. */
export const STREAMS_PER_SESSION = 16_384;
