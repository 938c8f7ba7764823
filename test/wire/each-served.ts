/** For each test of a file a server of its own, and a bare connection to it. */
import type { ClientHttp2Session } from 'node:http2';
import { afterEach, beforeEach } from 'vitest';
import { connectRaw } from './raw-client.ts';
import { serve, type Served, stopServing } from './served.ts';

interface EachServed {
  served: Served;
  session: ClientHttp2Session;
}

/** What it gives is that of the test that runs. */
export const eachServed = (): Readonly<EachServed> => {
  const on = {} as EachServed;
  beforeEach(async () => {
    on.served = await serve();
    on.session = connectRaw(on.served.address);
  });
  afterEach(async () => {
    on.session.destroy();
    await stopServing();
  });
  return on;
};
