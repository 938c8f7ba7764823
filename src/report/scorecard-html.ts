/**
 * A scorecard as one page that stands for itself: per rule the verdict, the story with its
 * timeline, the source. No script, nothing to load.
 */
import type { Case } from '../conformance/case.ts';
import type { CaseResult, RuleResult, Scorecard } from '../conformance/verdict.ts';
import { VERSION } from '../version.ts';
import { escaped } from './markup.ts';
import { STYLE } from './scorecard-style.ts';
import { wordEvidence, wordJudged, wordLikeness, wordTotals } from './scorecard-text.ts';
import { timelineOf } from './timeline.ts';

export const scorecardHtml = (card: Scorecard): string => {
  const { target, rules, cut } = card;
  const title = `Lease semantics of ${target.name} ${target.version}`;
  const sections = [...new Set(rules.map(({ section }) => section))];
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title><style>${STYLE}</style></head><body><main>`,
    `<h1>${escaped(title)}</h1>`,
    `<p class="lead">On a ${escaped(target.clock)} clock, ${escaped(wordJudged(card))}. `,
    `<b>${escaped(wordTotals(card))}.</b></p>`,
    cut === null ? '' : `<p class="cut">The suite did not reach its end: ${escaped(cut)}.</p>`,
    ...wordLikeness(card).map((line) => `<p>${escaped(line)}.</p>`),
    overview(rules),
    differing(rules),
    ...sections.map((section) => sectionOf(section, card)),
    `<footer>Made by leasehold ${VERSION}; its docs/SEMANTICS.md tells each rule.</footer>`,
    '</main></body></html>',
    '',
  ].join('\n');
};

/** A tile a rule, in the order of the rules. */
const overview = (rules: readonly RuleResult[]): string => {
  const tiles = rules.map(({ id, title, verdict }) => {
    const label = escaped(`${id} ${title}: ${verdict}`);
    return `<a class="tile ${verdict}" href="#${id}" title="${label}" aria-label="${label}"></a>`;
  });
  const legend = ['agrees', 'differs', 'inconclusive', 'not-observable', 'skipped'].map(
    (kind) => `<span><i class="tile ${kind}"></i>${kind}</span>`,
  );
  return `<div class="tiles">${tiles.join('')}</div><p class="legend">${legend.join('')}</p>`;
};

const differing = (rules: readonly RuleResult[]): string => {
  const found = rules.filter(({ verdict }) => verdict === 'differs');
  const items = found.map(
    ({ id, title }) => `<li><a href="#${id}">${id}</a> ${escaped(title)}</li>`,
  );
  return items.length === 0 ? '' : `<p>What differs:</p><ul>${items.join('')}</ul>`;
};

const sectionOf = (section: string, card: Scorecard): string => {
  const rules = card.rules.filter((rule) => rule.section === section);
  return `<h2>${escaped(section)}</h2>${rules.map((rule) => ruleOf(rule, card)).join('\n')}`;
};

const ruleOf = (rule: RuleResult, { cases }: Scorecard): string => {
  const { id, title, verdict, why, evidence } = rule;
  const head = [
    `<span class="badge ${verdict}">${verdict}</span>`,
    `<b>${id}</b> ${escaped(title)}`,
    why === null ? '' : `<span class="why">${escaped(why)}</span>`,
  ].join(' ');
  const stories = cases.filter((each) => rule.cases.includes(each.case.id)).map(storyOf);
  const told = evidence.map(
    (one) => `<pre class="evidence">${escaped(wordEvidence(one).join('\n'))}</pre>`,
  );
  if (stories.length === 0) return `<div class="rule" id="${id}"><p>${head}</p></div>`;
  const open = verdict === 'differs' ? ' open' : '';
  const body = `${told.join('')}${stories.join('')}`;
  return `<details class="rule" id="${id}"${open}><summary>${head}</summary>${body}</details>`;
};

const storyOf = ({ case: of, verdict, why, story, talk }: CaseResult): string => {
  const about = [
    `<h3><span class="badge ${verdict}">${verdict}</span> ${escaped(of.title)}</h3>`,
    `<p>${escaped(of.why)} <span class="why">etcd: ${escaped(of.source)}</span></p>`,
    why === null ? '' : `<p class="why">${escaped(why)}</p>`,
  ];
  const script = `<pre>${escaped(scriptOf(of))}</pre>`;
  const told = talk.length > 0 ? talkTable(talk) : script;
  const shown = story === null ? told : timelineTable(story);
  return `<article>${about.join('')}${shown}</article>`;
};

/** What a case does, where nothing has run that a timeline could tell. */
const scriptOf = (of: Case): string =>
  'story' in of
    ? of.story.trim()
    : of.exchanges
        .map(({ as, method = 'POST', path, body }) =>
          `${as ?? ''} ${method} ${path} ${body}`.trim(),
        )
        .join('\n');

const talkTable = (talk: CaseResult['talk']): string => {
  const rows = talk.map(({ at, sent, came }) => {
    const cells = [`${at.toLocaleString('en-US')} ms`, escaped(sent), escaped(came)];
    return `<tr><td>${cells.join('</td><td>')}</td></tr>`;
  });
  return `<table class="talk"><tr><th>when<th>sent<th>came</tr>${rows.join('')}</table>`;
};

const timelineTable = (story: NonNullable<CaseResult['story']>): string => {
  const { lines, expected, observed } = timelineOf(story);
  const start = lines[0]?.at ?? 0;
  const rows = lines.slice(0, MOST_LINES).map(({ at, client, what, answer, note, broken }) => {
    const who = client === 0 ? '·' : `c${client}`;
    const mark = broken
      ? '<div class="broken">' +
        `expected ${escaped(expected ?? '')}<br>observed ${escaped(observed ?? '')}</div>`
      : '';
    const cells = [
      `${(Math.round((at - start) * 10) / 10).toLocaleString('en-US')} ms`,
      who,
      escaped(what),
      escaped(answer ?? ''),
      escaped(note ?? '') + mark,
    ];
    return `<tr${broken ? ' class="bad"' : ''}><td>${cells.join('</td><td>')}</td></tr>`;
  });
  const head = '<tr><th>when<th>who<th>what<th>answer<th></tr>';
  return `<table>${head}${rows.join('')}</table>`;
};

const MOST_LINES = 60;
