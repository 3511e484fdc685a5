import { describe, expect, it } from '@jest/globals';
import { MailFaultSwitch } from './faults.js';

describe('MailFaultSwitch', () => {
  it('MSG-3 applies a fault to so many messages, then none', () => {
    const faults = new MailFaultSwitch();
    faults.set({ mode: 'refuse451', count: 2 });
    expect([1, 2, 3].map(() => faults.take('message'))).toEqual(['refuse451', 'refuse451', 'none']);
    expect(faults.current()).toEqual({ mode: 'none' });
  });

  it('MSG-3 without a count stays until it is changed', () => {
    const faults = new MailFaultSwitch();
    faults.set({ mode: 'refuse550' });
    expect([1, 2, 3].map(() => faults.take('message'))).toEqual(['refuse550', 'refuse550', 'refuse550']);
    faults.set({ mode: 'none' });
    expect(faults.take('message')).toBe('none');
  });

  it('MSG-3 counts connections for "down", messages for the others', () => {
    const faults = new MailFaultSwitch();
    faults.set({ mode: 'down', count: 1 });
    expect(faults.take('message')).toBe('none');
    expect(faults.take('connection')).toBe('down');
    expect(faults.take('connection')).toBe('none');
    faults.set({ mode: 'dropAfterData', count: 1 });
    expect(faults.take('connection')).toBe('none');
    expect(faults.take('message')).toBe('dropAfterData');
  });
});
