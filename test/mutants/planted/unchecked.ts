/** Checks of the simulator's own, taken out where they would speak before the harness can. */
import type { Edit } from '../mutant.ts';

/** A lease may hold keys that are not there any more. */
export const DELETE_WHAT_IS_THERE: Edit = {
  file: 'store.ts',
  search: '    if (keys.length === 0) return deleted;\n',
  replace: `    keys = keys.filter((key) => this.#kvs.has(key));
    if (keys.length === 0) return deleted;
`,
};

/** A put may attach what is attached. */
export const ATTACH_AGAIN: Edit = {
  file: 'lessor.ts',
  search: 'if (keys.add(key).size === before) {',
  replace: 'if (keys.add(key).size === -before) {',
};

/** A put may detach what is not attached. */
export const DETACH_NOTHING: Edit = {
  file: 'lessor.ts',
  search: 'if (keys === undefined || !keys.delete(key)) {',
  replace: 'if (keys === undefined || !keys.delete(key)) return;\n    if (keys === undefined) {',
};

/** A lease may go at any number of revisions. */
export const ANY_REVISIONS: Edit = {
  file: 'server.ts',
  search: 'if (revision !== before + 1) {',
  replace: 'if (revision < before) {',
};

/** A delete may take any number of revisions. */
export const DELETE_ANY_REVISIONS: Edit = {
  file: 'kv-requests.ts',
  search: 'if (store.revision !== before + (deleted.length === 0 ? 0 : 1)) {',
  replace: 'if (store.revision < before) {',
};

/** A revision may change nothing. */
export const EMPTY_REVISIONS: Edit = {
  file: 'history.ts',
  search: 'if (versions.length === 0) return mayBeEmpty;',
  replace: 'if (versions.length === 0) return true;',
};
