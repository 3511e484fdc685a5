import type { Scenario } from '../lib/goal.js';
import { m1 } from './m1-move.js';
import { m2 } from './m2-control-plane.js';
import { m3 } from './m3-scale.js';
import { m4 } from './m4-progress.js';
import { m5 } from './m5-naive.js';
import { p1 } from './p1-purchases.js';
import { p2 } from './p2-queue.js';

/** In the order they are run and shown. */
export const SCENARIOS: readonly Scenario[] = [p1, p2, m1, m2, m3, m4, m5];
