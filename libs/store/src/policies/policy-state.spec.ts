import { describe, expect, it } from '@jest/globals';
import { POLICY_VALUES } from '@commissary/domain';
import fc from 'fast-check';
import { differenceOf, INITIAL_POLICY, type PolicyState, policyValueOf, stateAfter } from './policy-state.js';

const value = fc.constantFrom(...POLICY_VALUES);
const productId = fc.constantFrom('A', 'B', 'C', 'D', 'constructor', 'x.y', '1');
const anyState: fc.Arbitrary<PolicyState> = fc.record({
  defaultValue: value,
  values: fc.array(fc.tuple(productId, value)).map((pairs) => Object.fromEntries(pairs)),
});

describe('the value in force', () => {
  it('[POL-5] is the product’s own, or else the default', () => {
    const policy: PolicyState = { defaultValue: 'Disabled', values: { A: 'Enabled' } };
    expect(['A', 'B', 'constructor'].map((id) => policyValueOf(policy, id))).toEqual([
      'Enabled',
      'Disabled',
      'Disabled',
    ]);
  });
});

describe('what a version changes', () => {
  it('[POL-7] names values in force before and after, and which of them were the default’s', () => {
    const before: PolicyState = { defaultValue: 'Enabled', values: { B: 'Disabled' } };
    const after: PolicyState = { defaultValue: 'Disabled', values: { A: 'Enabled' } };
    expect(differenceOf(before, after)).toEqual({
      defaultChange: { before: 'Enabled', after: 'Disabled' },
      changes: [
        { productId: 'A', before: 'Enabled', after: 'Enabled', inheritedBefore: true, inheritedAfter: false },
        {
          productId: 'B',
          before: 'Disabled',
          after: 'Disabled',
          inheritedBefore: false,
          inheritedAfter: true,
        },
      ],
    });
  });

  it('[POL-6] is nothing exactly where both are the same', () => {
    fc.assert(
      fc.property(anyState, anyState, (before, after) => {
        const same =
          before.defaultValue === after.defaultValue &&
          JSON.stringify(Object.entries(before.values).sort()) ===
            JSON.stringify(Object.entries(after.values).sort());
        expect(differenceOf(before, after) === null).toBe(same);
        expect(differenceOf(before, { ...before, values: { ...before.values } })).toBeNull();
      }),
    );
  });

  it('[POL-7] whatever the history, its changes add up to each of its states', () => {
    fc.assert(
      fc.property(fc.array(anyState, { maxLength: 8 }), (states) => {
        const all = [INITIAL_POLICY, ...states];
        const history = all.slice(1).map((state, index) => differenceOf(all[index]!, state));
        for (const [version, state] of all.entries()) {
          const changes = history.slice(0, version).flatMap((difference) => difference ?? []);
          expect(stateAfter(changes)).toEqual(state);
        }
      }),
    );
  });

  it('[POL-7] one that was recorded without saying so set values of the products’ own', () => {
    const old = { changes: [{ productId: 'A', before: 'Enabled', after: 'Disabled' } as const] };
    expect(stateAfter([old])).toEqual({ defaultValue: 'Enabled', values: { A: 'Disabled' } });
  });
});
