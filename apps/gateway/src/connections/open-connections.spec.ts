import { describe, expect, it } from '@jest/globals';
import { OpenConnections } from './open-connections.js';

describe('the connections of a gateway', () => {
  it('[OPS-3] are closed once each, the last one first, and a failure keeps none of the others open', async () => {
    const opened = new OpenConnections();
    const closed: string[] = [];
    await opened.keep('database', (name) => void closed.push(name));
    await opened.keep('queues', () => Promise.reject(new Error('The queues cannot be closed.')));
    await opened.keep('redis', (name) => void closed.push(name));
    await expect(opened.closeAll()).rejects.toThrow('The queues cannot be closed.');
    await expect(opened.closeAll()).rejects.toThrow();
    expect(closed).toEqual(['redis', 'database']);
  });

  it('[OPS-3] are closed even when they come up after the start has failed', async () => {
    const opened = new OpenConnections();
    const closed: string[] = [];
    await opened.closeAll();
    await opened.keep('database', (name) => void closed.push(name));
    expect(closed).toEqual(['database']);
  });
});
