import { FLAGS } from './flags.ts';
import {
  askedIds,
  chosenIds,
  clampedTtl,
  constantTtl,
  grantKeepsRevision,
  idFreeAgain,
  idInUse,
  largestTtl,
  largeTtlFirst,
  lifeFromGrant,
  minimumTtl,
  refusedGrantCreatesNothing,
} from './predicates/constants-and-grant.ts';
import { prove } from './prove.ts';

prove(largestTtl);
prove(minimumTtl, { configs: FLAGS, commands: 40, runs: 900 });
prove(chosenIds);
prove(askedIds);
prove(largeTtlFirst, { runs: 2000 });
prove(clampedTtl, { configs: FLAGS, runs: 300 });
prove(constantTtl);
prove(refusedGrantCreatesNothing);
prove(idInUse, { runs: 600 });
prove(idFreeAgain);
prove(grantKeepsRevision);
prove(lifeFromGrant);
