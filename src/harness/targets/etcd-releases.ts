/**
 * Which etcd binaries can be had without building them: Debian's packages, pinned by their
 * SHA-256.
 */
import { MINOR_VERSIONS, type MinorVersion } from '../../api/config.ts';
import { GO_RELEASES } from './etcd-modules.ts';

/** Debian's names of the processors it builds for; the two that Node and etcd have in common. */
export type Architecture = 'amd64' | 'arm64';

/** One package file, and the one program in it that is wanted. */
export interface PackageFile {
  readonly package: 'etcd-server' | 'etcd-client';
  readonly program: 'etcd' | 'etcdctl';
  /** SHA-256 of the package file, in hexadecimal. */
  readonly packageSha256: string;
  /** SHA-256 of the program as extracted, in hexadecimal. */
  readonly programSha256: string;
}

export interface Release {
  readonly version: string;
  /** The Debian suite that carries it. sid moves on; the others keep what they have. */
  readonly suite: 'bookworm' | 'trixie' | 'sid';
  /** The version of the Debian packages. */
  readonly packageVersion: string;
  readonly files: Readonly<Record<Architecture, readonly [PackageFile, PackageFile]>>;
}

const server = (packageSha256: string, programSha256: string): PackageFile => ({
  package: 'etcd-server',
  program: 'etcd',
  packageSha256,
  programSha256,
});

const client = (packageSha256: string, programSha256: string): PackageFile => ({
  package: 'etcd-client',
  program: 'etcdctl',
  packageSha256,
  programSha256,
});

export const RELEASES: readonly Release[] = [
  {
    version: '3.4.23',
    suite: 'bookworm',
    packageVersion: '3.4.23-4+b4',
    files: {
      amd64: [
        server(
          '3a9445d4560ad6de1c375756b2a17d97713df44cbd20a658c871fe108af7ef5d',
          'a45de16600eafc57939b84013b0522c4670435471eb4073dd963d01e0eb5a217',
        ),
        client(
          'db3a484d5d924b50bf71f459ee544ecd7b11c25dc2f6becc0c50352d67299cc8',
          'b38b6112aaa3d6056e4cd39d2f9769d84c9ae1fd729513ab473ee66f597d8934',
        ),
      ],
      arm64: [
        server(
          '821e59be145fa42bd72b3e003d275640947c3d824b4c06b1ed2a01a631d555a1',
          'eab069c590d298bc59cdbcb1eb98de8fec1e26bd8871050afe1ecafe0d8473b6',
        ),
        client(
          '3f1bcd6d47e2c9eaa274c5bb2f7b2ebc090226dc10dde00e13e32d0b03d137d7',
          '223512833fb7d4f733bbc0c8ee46ca01ebaa092b6e4085a5d1d7ecc51739997a',
        ),
      ],
    },
  },
  {
    version: '3.5.16',
    suite: 'trixie',
    packageVersion: '3.5.16-4',
    files: {
      amd64: [
        server(
          '0875921bb0d023f2af9b8e15cdfbe417a03e65731345fb832c40f9c2dd72967b',
          'c054131938a55a4a9826c1d566348d5695fe0e4d9ce655dfe936ab18a84e2983',
        ),
        client(
          '7eb67e305ba2ce523a5a0b29bf88750ded3f724769c7111a83382b7909f9977b',
          'd40ab46650d11e94cec58d1f4c5dfbaed621e7893e9b086529b56e2d3c032d69',
        ),
      ],
      arm64: [
        server(
          '5e21469a4f59f1cb2ed7af9c6eb9dda7d9734809c011cfa8a39b34f82a161a32',
          'd0b20b6345a733eca4a5f303be4742016c87572caec7932ca372b1d0315d92ab',
        ),
        client(
          '56c3527045c4ddd0aca5a572897b9a72e43a015cb09a01c79acc08eda17904ca',
          '0349687791b221737ad36fce6e269e79a50a2f7533527c1b9aaaccb8e28f5dd9',
        ),
      ],
    },
  },
  {
    version: '3.5.30',
    suite: 'sid',
    packageVersion: '3.5.30-2',
    files: {
      amd64: [
        server(
          '11a4f7e350c5020b83edff5160a6063d4e56ac9cd014d21ce8916378bf96de79',
          'd24ad02a1579be534e93c9fbf229349ec0f33dde5ac25d8278c6c4071b4aec99',
        ),
        client(
          '1e66ad2aba4cba6842a1ac35d5c525e750102b8fb42748225bcb2e34d6595931',
          'b4efd1d8768179f304bf86487956ab5e152eb853efc119b6c69925db1df5453d',
        ),
      ],
      arm64: [
        server(
          'c9f0208925c51d44ba026367930c67a1fd2bef12d162e8b99d249f42242f7100',
          'a46cdb8bae3e1cc276d558f09fa9594737c4588b2266fd5c96060809a33e7d55',
        ),
        client(
          '65cfed5f190e8f99239a0e9911b1b1fa9aca484e80856b8afb3310f2ca619733',
          '2ad034ae32c1ba9148ebc3a53135ad1d1a558ca9e95048ae5ec96eff4d3fa48a',
        ),
      ],
    },
  },
];

/** What runs when no version is asked for. */
export const DEFAULT_VERSION = '3.5.30';

/** «3.4.23, 3.5.16, 3.5.30, …»: those that need no building come first. */
export const KNOWN_VERSIONS = [...RELEASES, ...GO_RELEASES]
  .map((release) => release.version)
  .join(', ');

export const releaseOf = (version: string): Release | undefined =>
  RELEASES.find((release) => release.version === version);

/** The processor of this machine in Debian's words; undefined when no package is pinned for it. */
export const architecture = (): Architecture | undefined => {
  if (process.arch === 'x64') return 'amd64';
  return process.arch === 'arm64' ? 'arm64' : undefined;
};

/** `3.5` of `3.5.30`; undefined when the semantics of that minor version are not known. */
export const minorOf = (version: string): MinorVersion | undefined =>
  MINOR_VERSIONS.find((minor) => version.startsWith(`${minor}.`));
