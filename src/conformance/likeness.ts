/**
 * Which other versions a server is like: those under which nothing differs of all that does under
 * the one it is judged as. A server may not be what it says it is.
 */
import { MINOR_VERSIONS, type MinorVersion } from '../api/config.ts';
import type { RunResult } from '../harness/run.ts';
import type { StoryCase } from './case.ts';
import { judge } from './judge.ts';
import type { CaseResult, CaseStory } from './verdict.ts';

/** All such versions; none where nothing differs. */
export const likenessOf = (
  cases: readonly CaseResult[],
  semantics: MinorVersion,
): readonly MinorVersion[] => {
  const differing = cases.filter(({ verdict }) => verdict === 'differs');
  const others = differing.length === 0 ? [] : MINOR_VERSIONS.filter((one) => one !== semantics);
  return others.filter((version) => differing.every(({ fits }) => fits.includes(version)));
};

/** Under which other versions a story that differs would not. */
export const versionsThatFit = (
  of: StoryCase,
  { schedule, history }: CaseStory,
  result: RunResult,
): readonly MinorVersion[] =>
  MINOR_VERSIONS.filter((etcd) => {
    if (etcd === history.header.config.etcd) return false;
    const config = { ...history.header.config, etcd };
    const asIf = { header: { ...history.header, config }, entries: history.entries };
    const taken = { config: { ...schedule.config, etcd }, steps: schedule.steps };
    return judge(of, taken, asIf, result).verdict !== 'differs';
  });
