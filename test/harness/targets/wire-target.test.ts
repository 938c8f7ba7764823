/** Behind its wire the simulator is the same: the traces of the same schedules are equal. */
import { describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG, MINOR_VERSIONS } from '../../../src/api/config.ts';
import { campaign } from '../../../src/harness/campaign.ts';
import type { Target } from '../../../src/harness/target.ts';
import { simulatorTarget } from '../../../src/harness/targets/simulator-target.ts';
import { wireTarget } from '../../../src/harness/targets/wire-target.ts';
