/** The suite on the simulator: all that clients see agrees, and each case shows its rules. */
import { describe, expect, test } from 'vitest';
import { MINOR_VERSIONS } from '../../src/api/config.ts';
import { allowing, needless, readAllowed } from '../../src/conformance/allow.ts';
import { CASES } from '../../src/conformance/cases.ts';
import { conform, scheduleOf } from '../../src/conformance/conform.ts';
import { SPEC_RULES } from '../../src/conformance/rules.ts';
import { totals } from '../../src/conformance/verdict.ts';
import { printSchedule } from '../../src/harness/schedule-text.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { targetWith } from '../mutants/conviction.ts';
import { readText } from '../structure/source-files.ts';

describe.each(MINOR_VERSIONS)('the simulator, judged as %s', (semantics) => {
  test('no rule differs, and every case shows all of its rules', async () => {
    const card = await conform(simulatorTarget(), { semantics });
    const { differs, inconclusive } = totals(card.rules);
    expect({ differs, inconclusive }).toEqual({ differs: 0, inconclusive: 0 });
    const ran = card.cases.filter(({ verdict }) => verdict !== 'not-observable');
    expect(ran.filter(({ shown, case: of }) => shown.length < of.rules.length)).toEqual([]);
    expect(card.cut).toBeNull();
  });
});

describe('the cases', () => {
  test('each has a name of its own, and speaks of rules that there are', () => {
    expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length);
    const known = new Set(SPEC_RULES.map(({ id }) => id));
    expect(CASES.flatMap(({ rules }) => rules).filter((id) => !known.has(id))).toEqual([]);
  });

  test.each(CASES.flatMap((each) => ('story' in each ? [each] : [])))(
    '$id reads the same when it is printed',
    (each) => {
      const schedule = scheduleOf(each, '3.5');
      expect(parseSchedule(printSchedule(schedule))).toEqual(schedule);
    },
  );

  test('the rules are those of docs/SEMANTICS.md but for the Go client, in its order', () => {
    const headings = [...readText('docs/SEMANTICS.md').matchAll(/^### ([A-Z]+-\d+) (.*)$/gm)]
      .filter(([, id]) => id?.startsWith('GO-') === false)
      .map(([, id, title]) => `${id} ${title}`);
    expect(SPEC_RULES.map(({ id, title }) => `${id} ${title}`)).toEqual(headings);
  });

  test('a rule that no case shows says why', async () => {
    const card = await conform(simulatorTarget());
    const silent = card.rules.filter(
      ({ verdict, why }) => verdict === 'not-observable' && why === null,
    );
    expect(silent).toEqual([]);
  });
});

describe('known deviations', () => {
  const text = '# ours\n\nTTL-01: we round up\nKA-03: we refuse\n';

  test('a rule that is allowed to differ is skipped, with the reason', async () => {
    const card = await conform(await targetWith('ttl-rounded-up'));
    expect(card.rules.find(({ id }) => id === 'TTL-01')?.verdict).toBe('differs');
    const allowed = readAllowed(text);
    const rule = allowing(card, allowed).rules.find(({ id }) => id === 'TTL-01');
    expect(rule).toMatchObject({ verdict: 'skipped', why: 'allowed to differ: we round up' });
    expect(needless(card, allowed)).toEqual(['KA-03']);
  });

  test.each([
    ['TTL-01', /line 1: found "TTL-01", expected RULE: the reason/],
    ['\nTTL-9: because', /line 2: found TTL-9, expected a rule of the suite/],
  ])('%j is refused', (content, message) => {
    expect(() => readAllowed(content)).toThrow(message);
  });
});

test('what differs is told with what was sent, what came, and what etcd does', async () => {
  const card = await conform(await targetWith('keep-alive-unknown-minus-1'));
  const [evidence] = card.rules.find(({ id }) => id === 'KA-03')?.evidence ?? [];
  expect(evidence).toMatchObject({ came: 'ttl=-1', etcd: 'ttl=0' });
  expect(evidence?.sent).toMatch(/keep-alive/);
});

test('what is not wanted is skipped', async () => {
  const card = await conform(simulatorTarget(), { wanted: ({ rules }) => rules.includes('KA-03') });
  const verdicts = new Map(card.rules.map(({ id, verdict }) => [id, verdict]));
  expect([verdicts.get('KA-03'), verdicts.get('EXP-03')]).toEqual(['agrees', 'skipped']);
});

test('a suite that is stopped says so, and judges nothing more', async () => {
  const card = await conform(simulatorTarget(), { stopped: () => true });
  expect(card.cut).toBe('it was stopped');
  expect(totals(card.rules).agrees).toBe(0);
});
