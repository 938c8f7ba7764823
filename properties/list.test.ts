import { everyLease, idsOnly, soonestFirst } from './predicates/list.ts';
import { prove } from './prove.ts';

prove(idsOnly);
prove(everyLease);
prove(soonestFirst);
