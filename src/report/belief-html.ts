/**
 * A story of clients as one page that stands for itself: what each client believes of a lease drawn
 * against what the server knows, the story, and all that was seen. No script, nothing to load.
 */
import type { BeliefPicture, Lane, Row, Stretch } from '../clients/belief-picture.ts';
import { BELIEF_STYLE } from './belief-style.ts';
import { escaped } from './markup.ts';

export interface BeliefPage {
  readonly title: string;
  /** Sentences under the title. */
  readonly lead: readonly string[];
  readonly story: readonly string[];
  readonly picture: BeliefPicture;
}

export const beliefHtml = ({ title, lead, story, picture }: BeliefPage): string =>
  [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title><style>${BELIEF_STYLE}</style></head><body><main>`,
    `<h1>${escaped(title)}</h1>`,
    ...lead.map((line) => `<p class="lead">${escaped(line)}</p>`),
    drawing(picture),
    LEGEND,
    `<h2>The story</h2><pre>${escaped(story.join('\n'))}</pre>`,
    '<h2>What was seen</h2>',
    rowsOf(picture),
    '<footer>Made by leasehold. Times are virtual.</footer></main></body></html>',
    '',
  ].join('\n');

const [LEFT, WIDTH, LANE, TOP, FAULT] = [150, 1000, 58, 30, 18];

const LEGEND = [
  ['believed', 'the client believes that it has it'],
  ['alive', 'the server has it'],
  ['wrong', 'only the client believes it'],
  ['fault', 'a fault is at work'],
]
  .map(([kind = '', what = '']) => `<span><i class="${kind}"></i>${what}</span>`)
  .join('')
  .replace(/^.*$/s, (spans) => `<p class="legend">${spans}</p>`);

const drawing = (picture: BeliefPicture): string => {
  const { brokenAt, faults, lanes, until } = picture;
  const x = (at: number): number =>
    Math.round((LEFT + (WIDTH * Math.min(at, until)) / Math.max(1, until)) * 10) / 10;
  const top = TOP + faults.length * FAULT;
  const bottom = top + lanes.length * LANE + 8;
  const parts = [
    ...ticks(until).map(
      (at) =>
        `<line class="tick" x1="${x(at)}" x2="${x(at)}" y1="${TOP - 8}" y2="${bottom}"/>` +
        `<text class="time" x="${x(at)}" y="14">${at / 1000} s</text>`,
    ),
    ...faults.map(({ from, until: end, what }, index) => {
      const y = TOP + index * FAULT;
      const width = Math.max(2, x(end) - x(from));
      const isLate = x(from) > LEFT + WIDTH * 0.6;
      const at = isLate ? `x="${x(from) - 5}" text-anchor="end"` : `x="${x(from) + width + 5}"`;
      return (
        `<rect class="shade" x="${x(from)}" y="${y}" width="${width}" height="${bottom - y}"/>` +
        `<rect class="fault" x="${x(from)}" y="${y}" width="${width}" height="12"/>` +
        `<text class="what" ${at} y="${y + 10}">${escaped(what)}</text>`
      );
    }),
    ...lanes.map((lane, index) => laneOf(lane, top + index * LANE + 10, x)),
    brokenAt === null
      ? ''
      : `<line class="breach" x1="${x(brokenAt)}" x2="${x(brokenAt)}" y1="${TOP - 8}" ` +
        `y2="${bottom}"/>`,
  ];
  const label = 'belief of the clients against the truth of the server, over time';
  return (
    `<svg viewBox="0 0 ${LEFT + WIDTH + 30} ${bottom + 6}" role="img" ` +
    `aria-label="${label}">${parts.join('')}</svg>`
  );
};

const laneOf = (lane: Lane, y: number, x: (at: number) => number): string => {
  const { name, believed, alive } = lane;
  const bar = (kind: string, at: number, { from, until }: Stretch): string =>
    `<rect class="${kind}" x="${x(from)}" y="${at}" ` +
    `width="${Math.max(1, x(until) - x(from))}" height="16"/>`;
  return [
    `<text class="name" x="${LEFT - 70}" y="${y + 24}">${escaped(name)}</text>`,
    `<text class="side" x="${LEFT - 8}" y="${y + 13}">client</text>`,
    `<text class="side" x="${LEFT - 8}" y="${y + 33}">server</text>`,
    ...believed.map((span) => bar('believed', y, span)),
    ...outside(believed, alive).map((span) => bar('wrong', y, span)),
    ...alive.map((span) => bar('alive', y + 20, span)),
  ].join('');
};

/** The parts of the first that the second does not cover. */
const outside = (first: readonly Stretch[], second: readonly Stretch[]): Stretch[] =>
  second.reduce<Stretch[]>(
    (left, cover) =>
      left.flatMap(({ from, until }) =>
        [
          { from, until: Math.min(until, cover.from) },
          { from: Math.max(from, cover.until), until },
        ].filter((part) => part.until > part.from),
      ),
    [...first],
  );

/** Round instants, ten or so. */
const ticks = (until: number): number[] => {
  const steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600].map((s) => s * 1000);
  const step = steps.find((one) => until / one <= 12) ?? until;
  return Array.from({ length: Math.floor(until / step) + 1 }, (_, index) => index * step);
};

const MOST_ROWS = 2_000;

const rowsOf = ({ rows }: BeliefPicture): string => {
  const shown = rows.slice(0, MOST_ROWS).map(rowOf);
  const rest = rows.length - shown.length;
  const more = rest > 0 ? `<p class="lead">… and ${rest} more</p>` : '';
  return `<table><tr><th>when<th>what</tr>${shown.join('')}</table>${more}`;
};

const rowOf = ({ at, what, kind, isBreach }: Row): string =>
  `<tr class="${kind}${isBreach ? ' bad' : ''}"><td>${(at / 1000).toFixed(3)} s</td>` +
  `<td>${escaped(what)}</td></tr>`;
