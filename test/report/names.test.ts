import { expect, test } from 'vitest';
import { asBytes, NO_BYTES } from '../../src/api/bytes.ts';
import { withNames } from '../../src/report/names.ts';

const NAMES = new Map([
  [7n, 'A'],
  [-5n, 'B.3'],
]);

test.each([
  ['#7 ttl=5', 'A ttl=5'],
  ['#8,#-5', '#8,B.3'],
  ['lease 7 lives for another 7 ms', 'lease A lives for another 7 ms'],
  ['revoked [7, -5, 9]', 'revoked [A, B.3, 9]'],
  ['revoked 501 leases from 7 on', 'revoked 501 leases from A on'],
  ['7 of 7', '7 of 7'],
])('%j is said as %j', (given, said) => {
  expect(withNames(given, NAMES, NO_BYTES)).toBe(said);
});

test('keys lose the prefix of their session', () => {
  expect(withNames('put lh/1/k at 7', NAMES, asBytes('lh/1/'))).toBe('put k at 7');
});
