/** etcd 3.6, where there is one. */
import { testReleases } from './versions-of.ts';

await testReleases('3.6');
