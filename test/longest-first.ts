/**
 * The order of the files of tests: those that take long begin first, so that no core is left with
 * one of them in the end. What is not named here follows as vitest sees fit. Files that share
 * their modules come after all others, in one row: a process in between would lose the modules.
 */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** From the longest on; what a file says is no measure of how long it takes. */
export const LONG = [
  'test/conformance/mangled.test.ts',
  'test/conformance/bad-targets.test.ts',
  'test/etcd/versions-3.6.test.ts',
  'test/etcd/versions-3.7.test.ts',
  'test/mutants/mutants.test.ts',
  'test/etcd/virtual.test.ts',
  'test/harness/windows/power.test.ts',
  'properties/exhaustive.test.ts',
  'test/clients/mutants/mutants.test.ts',
  'test/etcd/check-virtual.test.ts',
  'test/clients/reference/contracts.test.ts',
  'test/cli/strange-client.test.ts',
  'test/etcd/observed.test.ts',
  'test/timewarp/settle.test.ts',
  'test/cli/interrupt.test.ts',
  'test/cli/fuzz.test.ts',
] as const;

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONG.findIndex((path) => path === relative(this.ctx.config.root, moduleId));
      return index === -1 ? LONG.length : index;
    };
    const isShared = ({ project }: TestSpecification): number => Number(!project.config.isolate);
    return others.toSorted(
      (one, other) => isShared(one) - isShared(other) || rank(one) - rank(other),
    );
  }
}
