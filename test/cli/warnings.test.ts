import { expect, test } from 'vitest';
import { silence } from '../../src/cli/warnings.ts';

test('a deprecation is silenced by its code, others and other warnings are told', async () => {
  const told: string[] = [];
  const note = (warning: Error): void => void told.push(warning.message);
  process.on('warning', note);
  const emitWarning = process.emitWarning.bind(process);
  try {
    silence('DEP9123');
    silence('DEP9123');
    process.emitWarning('of the address', 'DeprecationWarning', 'DEP9123');
    process.emitWarning('of it again', { type: 'DeprecationWarning', code: 'DEP9123' });
    process.emitWarning('DEP9123');
    process.emitWarning('of another', 'DeprecationWarning', 'DEP9124');
    process.emitWarning('of no kind');
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  } finally {
    process.emitWarning = emitWarning;
    process.off('warning', note);
  }
  expect(told).toEqual(['DEP9123', 'of another', 'of no kind']);
});
