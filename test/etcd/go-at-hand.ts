/** Whether this machine can have the etcds that Go builds: they are no condition for the tests. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { resolveEtcd } from '../../src/harness/targets/etcd-binaries.ts';
import type { GoRelease } from '../../src/harness/targets/etcd-modules.ts';

/** Why a release is not at hand, in a few words; null when it is, or can be built. */
export const whyMissing = async ({ version, go }: GoRelease): Promise<string | null> => {
  // With no PATH there is no Go: what is found now needs none.
  const env = { ...process.env, PATH: '' };
  const isThere = await resolveEtcd({ version, env, progress: () => {} }).then(
    () => true,
    () => false,
  );
  if (isThere) return null;
  const [found, toolchain] = await goOfMachine();
  if (found === undefined) return 'no Go here';
  const minor = (text: string): number => Number(/1\.(\d+)/.exec(text)?.[1] ?? 0);
  if (minor(found) >= minor(go)) return null;
  return toolchain === 'local' || toolchain === '' ? `${found} here, ${go} is needed` : null;
};

const goOfMachine = async (): Promise<readonly string[]> => {
  try {
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION', 'GOTOOLCHAIN']);
    return stdout.trim().split('\n');
  } catch {
    return [];
  }
};
