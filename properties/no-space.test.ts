import { noGrantsNorPuts, revokesGoOn, expiryGoesOn, alarmTold } from './predicates/no-space.ts';
import { prove } from './prove.ts';

prove(noGrantsNorPuts);
prove(revokesGoOn);
prove(expiryGoesOn);
prove(alarmTold);
