import type { Scenario } from '../lib/goal.js';
import { c1 } from './c1-access.js';
import { c2 } from './c2-stalls.js';
import { c3 } from './c3-sweep.js';
import { e2 } from './e2-eligibility.js';
import { g1 } from './g1-accept.js';
import { g2 } from './g2-accept-latency.js';
import { g3 } from './g3-accept-guarded.js';
import { m1 } from './m1-move.js';
import { m2 } from './m2-control-plane.js';
import { m3 } from './m3-scale.js';
import { m4 } from './m4-progress.js';
import { m5 } from './m5-naive.js';
import { p1 } from './p1-purchases.js';
import { p2 } from './p2-queue.js';
import { p3 } from './p3-group-commit.js';
import { q1 } from './q1-export.js';
import { q2 } from './q2-lists.js';

/** In the order they are run and shown. */
export const SCENARIOS: readonly Scenario[] = [
  g1,
  g2,
  g3,
  p1,
  p2,
  p3,
  m1,
  m2,
  m3,
  m4,
  m5,
  c1,
  c2,
  c3,
  q1,
  q2,
  e2,
];
