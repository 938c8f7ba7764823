/** Commands that are no clients: each is named, contained, and ends. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { commandClient } from '../../../src/clients/live/command.ts';
import { endStragglers } from '../../../src/clients/live/stragglers.ts';
import { leasehold } from '../../cli/leasehold.ts';
import { runCommand } from './run-command.ts';

/** Of all processes those that are of these tests, by a word in what they were started with. */
const left = (word: string): string[] => {
  const all = execFileSync('ps', ['-eo', 'args=']).toString().split('\n');
  return all.filter((args) => args.includes(word));
};

/** Who is killed is gone a moment later. */
const isGone = (word: string): Promise<void> =>
  expect.poll(() => left(word), { timeout: 5000 }).toEqual([]);

/** A program that says those lines at once, or does something else. */
const program = (code: string): string[] => [
  process.execPath,
  '-e',
  `/* leasehold-none */ ${code}`,
];
const says = (text: string): string => `process.stdout.write(${JSON.stringify(text)});`;
const STAYS = 'setInterval(() => {}, 1000);';

describe('what is no client', () => {
  test.each([
    ['is not there', ['./no-such-client'], 'there is no such program'],
    [
      'ends at once',
      program('console.error("no luck"); process.exit(3);'),
      /^it ended with code 3: no luck$/,
    ],
    ['is killed', program('process.kill(process.pid, "SIGKILL");'), /^it ended with SIGKILL$/],
    ['prints garbage', program(says('hello\n') + STAYS), /^it says "hello", which no client says$/],
    [
      'prints bytes',
      program(`process.stdout.write(Buffer.from([0xff, 0, 10]));${STAYS}`),
      /^it says /,
    ],
    [
      'floods in one line',
      program(`setInterval(() => process.stdout.write('x'.repeat(65536)), 0);`),
      /^it prints without end$/,
    ],
    [
      'floods',
      program(`setInterval(() => process.stdout.write('\\n'.repeat(65536)), 0);`),
      /^it prints without end$/,
    ],
  ])('%s', async (_, command, why) => {
    const { complaint } = await commandClient(command);
    expect(complaint).toMatch(why);
  });

  test('says nothing', async () => {
    const { complaint } = await commandClient(program(STAYS), { patience: 500 });
    expect(complaint).toBe('it does not say within 500 ms that it is ready');
  });

  const LASTS = ['lasts 1s', 'at 0 c1  grant A ttl=2'];

  test.each([
    [
      'ends in the middle',
      `process.stdin.once('data', () => process.exit(1));`,
      'it ended with code 1',
    ],
    [
      'talks nonsense in the middle',
      `process.stdin.once('data', () => console.log('done 7'));`,
      'it has done call 7, which it was not told',
    ],
    [
      'floods in the middle',
      `const flood = () => console.log('renewed A 2\\n'.repeat(9999));
      process.stdin.once('data', () => setInterval(flood, 0));`,
      'it prints without end',
    ],
  ])('%s', async (_, code, why) => {
    const { broken } = await runCommand(program(`${says('ready lease\n')}${code}`), ...LASTS);
    expect(broken).toBe(why);
  });

  test('leaves nothing running, whatever it has started', async () => {
    const lives = '/* leasehold-child */ setInterval(() => {}, 1000)';
    const spawns = `require('child_process').spawn(process.execPath, ['-e', '${lives}'],
      { stdio: 'inherit' });`;
    await runCommand(program(`${spawns}${says('ready lease\n')}${STAYS}`), 'lasts 1s');
    await isGone('leasehold-child');
    const flees = spawns.replace("stdio: 'inherit'", "stdio: 'ignore', detached: true");
    expect(flees).not.toBe(spawns);
    await runCommand(program(`${flees}${says('ready lease\n')}${STAYS}`), 'lasts 1s');
    endStragglers();
    await isGone('leasehold-child');
  });
});

describe('the command line', () => {
  test('says in one line what is no client, and which it lacks', async () => {
    const none = await leasehold(['fuzz', '--', './no-such-client', '-x']);
    expect(none).toMatchObject({ code: 2, out: '' });
    expect(none.err).toBe(
      'leasehold: ./no-such-client -x is no client: there is no such program\n',
    );
    const nothing = await leasehold(['fuzz', '--']);
    expect(nothing).toMatchObject({ code: 2, err: expect.stringContaining('a command is needed') });
  });

  test('does not judge a client that never connects', async () => {
    const code = `${says('ready lease\n')}
      require('readline').createInterface({ input: process.stdin }).on('line',
        (line) => console.log('done ' + line.split(' ')[0]));`;
    const args = ['fuzz', '--runs', '2', '--lasts', '1s', '--seed', '1', '--', ...program(code)];
    const { code: exit, out } = await leasehold(args);
    expect({ exit, out }).toMatchObject({
      exit: 3,
      out: expect.stringContaining('never connected'),
    });
  });
});

test('none of them is left', () => isGone('leasehold-none'));
