/** Reports as text. Everything here is a function of values and returns strings. */
import type { HistoryHeader } from '../harness/history.ts';
import { printConfig, printSteps, SCHEDULE_HEADER } from '../harness/schedule-text.ts';
import type { Verdict } from '../harness/verdict.ts';
import { LIMITS } from '../limits.ts';
import { RULES } from '../model/rules.ts';
import { bounded, cut } from './abbreviate.ts';
import { docsOf } from './rule-docs.ts';
import type { Story, Timeline, TimelineLine } from './story.ts';
import { shownInstant, timelineOf } from './timeline.ts';

/**
 * All that is to be said of a run: first `command`, which runs it again, then the rule that is
 * broken, the schedule with what was answered, the timeline, and what was not checked.
 */
export function textReport(story: Story, command: string): string {
  const timeline = timelineOf(story);
  const sections = [
    [command],
    [...textVerdict(story.verdict), textTarget(story.history.header)],
    textSchedule(story, timeline),
    ['timeline', ...textTimeline(timeline)],
    notChecked(story.history.header),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${plain(line)}\n`).join(''))
    .join('\n');
}

/** The lines of a timeline, in columns; the violation is marked, and says what was expected. */
function textTimeline(timeline: Timeline): string[] {
  const { lines, expected, observed } = timeline;
  const found = expected === null ? [] : [`expected  ${expected}`, `observed  ${observed}`];
  const rows = lines.map((line) => ({ ...line, time: `${shownInstant(line.at)} ms` }));
  const time = Math.max(9, ...rows.map((row) => row.time.length));
  const what = Math.min(
    WHAT_CHARACTERS,
    Math.max(0, ...rows.filter(hasMore).map((row) => row.what.length)),
  );
  const indent = ' '.repeat(time + 8);
  const texts = rows.flatMap((row) => {
    const client = row.client === 0 ? '·' : `c${row.client}`;
    const begin = `${row.broken ? '✗' : ' '} ${row.time.padStart(time)}  ${client.padEnd(3)} `;
    const more = [
      row.answer === null ? '' : `→ ${row.answer}`,
      row.note === null ? '' : `(${row.note})`,
    ];
    const end = more.filter((each) => each !== '').join('  ');
    const text = `${begin}${row.what.padEnd(what)}  ${end}`.trimEnd();
    return row.broken ? [text].concat(found.map((each) => indent + each)) : [text];
  });
  if (!lines.some((line) => line.broken)) texts.push(...found.map((each) => `✗ ${each}`));
  const point = texts.findIndex((text) => text.startsWith('✗'));
  return bounded(texts, TIMELINE_LINES, point < 0 ? texts.length : point);
}

/** One line of bounded length, without anything that a terminal takes for a command. */
const plain = (line: string): string =>
  cut(line.replaceAll(/\p{Cc}+/gu, ' '), LIMITS.reportCharacters);

/** The room that the command, the verdict, headings and empty lines take. */
const FRAME_LINES = 16;
const SCHEDULE_LINES = Math.floor((LIMITS.reportLines - FRAME_LINES) / 2);
const TIMELINE_LINES = SCHEDULE_LINES;
const WHAT_CHARACTERS = 48;

const hasMore = ({ answer, note }: TimelineLine): boolean => answer !== null || note !== null;

const textVerdict = (verdict: Verdict): string[] => {
  switch (verdict.kind) {
    case 'violation':
      return [`${verdict.rule} is broken: ${RULES[verdict.rule]}`, `see ${docsOf(verdict.rule)}`];
    case 'inconclusive':
      return [`inconclusive: ${verdict.why}`];
    case 'conformant':
      return ['conformant: no rule is broken'];
  }
};

const textTarget = ({ target, versions, clock }: HistoryHeader): string => {
  const { target: version = 'unknown version', ...others } = versions;
  const ours = Object.entries(others).map(([name, each]) => `${name} ${each}`);
  return [`target ${target} (${version}), ${clock} clock`, ...ours].join(', ');
};

/** The schedule in text form, with what was answered after each line's arrow. */
const textSchedule = ({ schedule }: Story, { answers }: Timeline): string[] => {
  const answered = schedule.steps.map((step, at) => ({ ...step, expect: answers[at] ?? null }));
  const steps = bounded(printSteps(answered), SCHEDULE_LINES, Number.MAX_SAFE_INTEGER);
  return [SCHEDULE_HEADER, printConfig(schedule.config), ...steps];
};

const notChecked = ({ clock }: HistoryHeader): string[] =>
  clock === 'virtual'
    ? []
    : [
        'not checked: the exact instants. A real clock shows only that each operation took effect',
        'between its call and its return; what some instants in between explain is no violation.',
      ];
