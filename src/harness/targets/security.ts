/** What a client shows a server that somebody else runs, and what it demands to see of it. */

export interface Security {
  /** PEM; what is absent is as Node has it: the well-known authorities, no certificate. */
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly user?: Credentials;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** What TLS is told; nothing of it is used on the way to an `http://` URL. */
export const tlsOptions = ({
  ca,
  cert,
  key,
}: Security): Readonly<Partial<Record<'ca' | 'cert' | 'key', Buffer>>> => ({
  ...(ca && { ca }),
  ...(cert && { cert }),
  ...(key && { key }),
});
