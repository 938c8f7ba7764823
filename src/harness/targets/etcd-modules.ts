/**
 * Which etcds can be had by building them: modules of Go, pinned by their sums. Etcd's own `go.sum`
 * pins what it depends on, but for its sibling modules, which stand beside it in its tree; those,
 * and etcd itself, are pinned here.
 */
export interface GoRelease {
  readonly version: string;
  /** The oldest Go that builds it. */
  readonly go: string;
  /** Of each module, its sum and that of its go.mod, as in `go.sum`. */
  readonly sums: Readonly<Record<EtcdModule, readonly [string, string]>>;
}

/** A module of etcd's repository, below `go.etcd.io/etcd/`. */
type EtcdModule = 'api/v3' | 'client/pkg/v3' | 'client/v3' | 'pkg/v3' | 'server/v3';

export const GO_RELEASES: readonly GoRelease[] = [
  {
    version: '3.6.16',
    go: '1.26.0',
    sums: {
      'api/v3': [
        '+aBihYqz6+zMcGWNNT2dbFMKvqqQXvHJG9SmZDzwRdA=',
        'o+O3YZdNd0GCp9En7DkQVMy8+llOf6YEnVODp33c5I4=',
      ],
      'client/pkg/v3': [
        'HIgUJREB8Dpngx2P57SJ6zaXlNgvVww/gCudfsnr8jc=',
        'D5jrvTmwuwDeY2IKLNpBU844osV62ivoHSgjYExxYGc=',
      ],
      'client/v3': [
        'X/vPXgVsXvG0OoqXGvq2N7njeBj+bCY9lOZPyUsZJUg=',
        'vgEn71HrtayknFJiBidfa2qlclmIYFp1+i0Gi8dIClI=',
      ],
      'pkg/v3': [
        'ewGbB52WuLTFC0V5ch0rtE9M6HOk77VVlF31i3zNE+k=',
        's9AQbqr/R5RbEvYNDEqrKexeHItdaFQD7I/YFHzTYqA=',
      ],
      'server/v3': [
        'sLkpvz3RFtiNd/yPrZBKz5kT+XO1ZJkhmuUJeqc7OmA=',
        '4SjXH6zYclHqLjZRkTVAS6cEsJjuso0IZVzCKNXLrak=',
      ],
    },
  },
  {
    version: '3.7.3',
    go: '1.26.0',
    sums: {
      'api/v3': [
        '2tumepXe+wi7Wab64uUO71K7ISQyUWLGC1DJbbc59sY=',
        'HOR9Qn4gb/1/hVAmYprmlLpvTe6ZgfgNS9Z/+Ty65po=',
      ],
      'client/pkg/v3': [
        '5zMwNu3ycrzCeA5NwOfQbxFRhqq974chq1DrYMua4QI=',
        '/OhzqYrF0U7d1NOk55VMyUQGbYD1WoIe4bJwxb47wOk=',
      ],
      'client/v3': [
        'UrXcetgkuSEocaBlQlulQRJlXLEnUAHuBRbHh0lue1Q=',
        'DcPxpqcpV8WIaRi/2waPCx0/Uq8rQUweDJaDYZk1gEE=',
      ],
      'pkg/v3': [
        'FoxH2JLECo/PYEHilgBFqz7Zlyiv5Sd20OlOOYESUos=',
        'KMluxIriMegJqCjcmNmt1rdzyzZHvzsojBGmkN0ArYI=',
      ],
      'server/v3': [
        'KcTZ/aEZrOiQe0/kdr7iYYcvyfbEoOwDOacHkz8xwZc=',
        'NElta3Kom1fQux/MhT9Vw5YRQMSaXk6d0MHkvLMpzO8=',
      ],
    },
  },
];

export const goReleaseOf = (version: string): GoRelease | undefined =>
  GO_RELEASES.find((release) => release.version === version);
