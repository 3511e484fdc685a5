import type { World } from '../fixtures/world.js';
import { TestGateway } from './test-gateway.js';

/** A gateway on the database and the queues of a world whose worker does what is accepted here. */
export const gatewayBeside = ({ services }: World): Promise<TestGateway> =>
  TestGateway.start({
    MONGODB_URI: services.mongodbUri,
    REDIS_URL: services.redisUrl,
    QUEUE_PREFIX: services.queuePrefix,
  });
