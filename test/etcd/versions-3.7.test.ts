/** etcd 3.7, where there is one. */
import { testReleases } from './versions-of.ts';

await testReleases('3.7');
