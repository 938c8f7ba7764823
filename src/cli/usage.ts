/**
 * The commands and their options, as data: what is parsed, what the help says and what the docs are
 * compared with.
 */

export interface OptionSpec {
  readonly name: string;
  /** How its value is called in the help; null: a flag. */
  readonly value: string | null;
  readonly text: string;
}

export interface CommandSpec {
  readonly name: string;
  /** Its positional arguments, as the help writes them. */
  readonly args: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  /** What comes after `--` is a command of the user's, with its own options. */
  readonly takesCommand?: boolean;
}

const option = (name: string, value: string | null, text: string): OptionSpec => ({
  name,
  value,
  text,
});

const TARGET = option(
  'target',
  'T',
  'simulator (default), wire, etcd, etcd-virtual, or http(s)://host:port[,…]',
);
const ETCD = option(
  'etcd',
  'V',
  'version: 3.4.23, 3.5.16, 3.5.30 (default); built with Go: 3.6.16, 3.7.3',
);
const ENDPOINT: readonly OptionSpec[] = [
  option('endpoints', 'LIST', 'host:port[,…], in place of --target; https with --cacert or --cert'),
  option('cacert', 'FILE', 'the authority (PEM) whose certificates an https:// server may show'),
  option('cert', 'FILE', 'our certificate (PEM), for a server that wants one; with --key'),
  option('key', 'FILE', 'its private key (PEM)'),
  option('user', 'NAME:PASSWORD', 'who we are, to a server that has users'),
];
const ETCD_LIKE = option('etcd', 'V', 'the version the server behaves like (default: 3.5.30)');
const CLIENT = option(
  'client',
  'C',
  'of a story of clients: who plays it (default: as the file says)',
);
const JSON_OPTION = option('json', null, 'one JSON object on stdout and nothing else there');
const HELP = option('help', null, 'this text');
const OUT = option('out', 'DIR', 'where files go (default: ./leasehold-out)');

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'check',
    args: '[FILE]',
    summary: 'random schedules against a target, judged by the model; or judges a recorded history',
    options: [
      TARGET,
      ETCD,
      ...ENDPOINT,
      option('against', 'T', 'also runs each schedule on this target and stops where they differ'),
      option('runs', 'N', 'schedules (default: 1000; 100 on a real clock)'),
      option('commands', 'N', 'steps of a schedule (default: 50)'),
      option('clients', 'N', 'clients of a schedule (default: 3)'),
      option('seed', 'S', '0 to 18446744073709551615 (default: a fresh one, printed)'),
      option('budget', 'TIME', 'no new schedule after that, such as 30s (default: none)'),
      option('jobs', 'N', 'threads, on a virtual clock (default: 1; etcd-virtual: one a core)'),
      option('shard', 'I/N', 'only the I-th of N parts of the schedules'),
      OUT,
      JSON_OPTION,
      HELP,
    ],
  },
  {
    name: 'conform',
    args: '',
    summary: 'how far a target keeps the rules: a case or more for each, a verdict, a scorecard',
    options: [
      TARGET,
      ETCD,
      ...ENDPOINT,
      option('semantics', 'V', 'judged as 3.4, 3.5, 3.6 or 3.7 (default: what the target says)'),
      option('rule', 'GLOB', 'only the cases about these rules, such as KA-* or EXP-02'),
      option('allow', 'FILE', 'deviations that are known, a line each: RULE: the reason'),
      option('disturb', null, 'also cases that others notice, on a server beyond loopback'),
      option('markdown', 'FILE', 'the scorecard as Markdown'),
      option('junit', 'FILE', 'the scorecard as JUnit XML'),
      option('html', 'FILE', 'the scorecard as one page, with every story'),
      option('compare', null, 'of two scorecards (files with what --json printed): what changed'),
      JSON_OPTION,
      HELP,
    ],
  },
  {
    name: 'fuzz',
    args: 'CLIENT',
    takesCommand: true,
    summary:
      'random faults between a client of etcd and its server; judges what it believes and does',
    options: [
      option('runs', 'N', 'stories (default: 200; of a command, -- COMMAND: 100)'),
      option('leases', 'N', 'leases, locks and elections of a story at most (default: 8)'),
      option(
        'lasts',
        'TIME',
        'virtual time of a story (default: 60s; of a command, real time: 20s)',
      ),
      option('contract', 'ID', 'judges by this contract alone, such as FUZZ-01'),
      ETCD_LIKE,
      option('seed', 'S', '0 to 18446744073709551615 (default: a fresh one, printed)'),
      option('budget', 'TIME', 'no new story after that, such as 10m (default: none)'),
      option('shrink-budget', 'TIME', 'for making stories smaller, in all (default: 5s)'),
      option('jobs', 'N', 'processes (default: 1); of a command: stories at once (20)'),
      OUT,
      JSON_OPTION,
      HELP,
    ],
  },
  {
    name: 'replay',
    args: 'FILE',
    takesCommand: true,
    summary: 'runs a counterexample, a recorded history or a schedule again',
    options: [TARGET, ETCD, CLIENT, JSON_OPTION, HELP],
  },
  {
    name: 'shrink',
    args: 'FILE',
    takesCommand: true,
    summary: 'makes the schedule of a failing file smaller for as long as the same rule is broken',
    options: [TARGET, ETCD, CLIENT, OUT, JSON_OPTION, HELP],
  },
  {
    name: 'report',
    args: 'FILE',
    takesCommand: true,
    summary: 'the story of a file, as a timeline',
    options: [
      CLIENT,
      option('etcd', 'V', 'of a story of clients: the version the server behaves like'),
      option('html', 'FILE', 'of a story of clients: also as one page, belief against truth'),
      JSON_OPTION,
      HELP,
    ],
  },
  {
    name: 'serve',
    args: '',
    summary: 'an etcd for clients in any language, whose clock you move',
    options: [
      option('listen', 'HOST:PORT', 'where; port 0 takes a free one (default: 127.0.0.1:2379)'),
      option('clock', 'C', 'real (default), virtual (stands still until moved), or rate=N'),
      option('etcd', 'V', 'the version it behaves like, 3.4 to 3.7 (default: 3.5.30)'),
      option(
        'watch-progress-notify-interval',
        'TIME',
        'between words on progress to watches that want them (default: 10m)',
      ),
      option('token', 'T', 'who moves the clock sends it; beyond loopback nobody can without'),
      option('no-clock-control', null, 'the clock cannot be moved over HTTP'),
      JSON_OPTION,
      HELP,
    ],
  },
];

export const EXIT_CODES = `exit codes: 0 conformant or done, 1 violation found,
2 usage or environment, 3 inconclusive or interrupted, 4 a bug of leasehold itself`;

/** What `leasehold --help` prints. */
export const generalHelp = (): string => {
  const rows = COMMANDS.map(
    ({ name, args, summary }) => [`${name} ${args}`.trim(), summary] as const,
  );
  return [
    "leasehold: etcd's lease semantics as an executable specification, on a clock you control",
    '',
    'usage: leasehold COMMAND [OPTIONS]',
    '',
    ...table(rows),
    '',
    'leasehold COMMAND --help tells of its options.',
    EXIT_CODES,
    '',
  ].join('\n');
};

/** What `leasehold COMMAND --help` prints. */
export const commandHelp = (command: CommandSpec): string => {
  const rows = command.options.map(({ name, value, text }) => {
    return [`--${name}${value === null ? '' : ` ${value}`}`, text] as const;
  });
  const afterwards = command.takesCommand === true ? ' [-- COMMAND]' : '';
  return [
    `usage: leasehold ${`${command.name} ${command.args}`.trim()} [OPTIONS]${afterwards}`,
    '',
    command.summary,
    '',
    ...table(rows),
    '',
    EXIT_CODES,
    '',
  ].join('\n');
};

const table = (rows: readonly (readonly [string, string])[]): string[] => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
};
