/**
 * A property that no bug can break proves nothing: each has a simulator that it must not let pass.
 */
import { fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import * as grants from '../properties/predicates/constants-and-grant.ts';
import * as expired from '../properties/predicates/expired-keys.ts';
import * as expiry from '../properties/predicates/expiry.ts';
import * as keepAlives from '../properties/predicates/keep-alive.ts';
import * as keyValues from '../properties/predicates/key-value.ts';
import * as lists from '../properties/predicates/list.ts';
import * as revokes from '../properties/predicates/revoke.ts';
import * as noSpace from '../properties/predicates/no-space.ts';
import * as slowApply from '../properties/predicates/slow-apply.ts';
import * as reports from '../properties/predicates/time-to-live.ts';
import * as transactions from '../properties/predicates/transactions.ts';
import * as views from '../properties/predicates/views.ts';
import * as watches from '../properties/predicates/watches.ts';
import { findAgainst, type Property } from '../properties/property.ts';
import { chronicleOf } from '../properties/prove.ts';
import { schedules } from '../properties/schedules.ts';
import { BUGS as LEASE_BUGS } from './bug-for-each-property.ts';
import { KV_BUGS } from './bug-for-each-kv-property.ts';
import { SLOW_BUGS } from './bug-for-each-slow-property.ts';
import { withBug } from './planted-bugs.ts';

/** Some bugs show in one schedule out of a thousand. */
const SERIES = Array.from({ length: 50 }, (_, index) => index);

const BUGS = [...LEASE_BUGS, ...KV_BUGS, ...SLOW_BUGS];

for (const [property, bug, plant, options = {}] of BUGS) {
  test(`${property.title}; not where ${bug}`, async () => {
    const target = withBug(plant);
    for (const seed of SERIES) {
      for (const schedule of fc.sample(schedules(options), { seed, numRuns: 100 })) {
        if (findAgainst(property, await chronicleOf(schedule, target)) !== null) return;
      }
    }
    expect.fail('the bug was not found');
  });
}

test('every property has a bug', () => {
  const areas: object[] = [grants, revokes, keepAlives, reports, lists, expiry, expired];
  areas.push(keyValues, transactions, views, watches, noSpace, slowApply);
  const all = areas.flatMap((area) => Object.values(area) as unknown[]).filter(isProperty);
  const planted = new Set(BUGS.map(([property]) => property));
  expect(all.filter((property) => !planted.has(property)).map(({ title }) => title)).toEqual([]);
});

const isProperty = (value: unknown): value is Property =>
  typeof value === 'object' && value !== null && 'cases' in value;
