/** Where Redis is: one server, or some nodes of a Redis Cluster, of which the others are learnt. */
export type RedisAddress =
  | { kind: 'server'; url: string }
  | {
      kind: 'cluster';
      nodes: { host: string; port: number }[];
      username: string | undefined;
      password: string | undefined;
      tls: boolean;
    };

const DEFAULT_PORT = 6379;

const CLUSTER = /^redis(?<tls>s?)\+cluster:\/\/(?:(?<credentials>[^@/]*)@)?(?<nodes>[^@/?#]+)\/?$/;

/**
 * Reads `redis://` and `rediss://` (one server, the latter by TLS), and `redis+cluster://` and `rediss+cluster://` with the nodes of
 * a cluster: `redis+cluster://user:password@host:port,host:port`. The credentials hold for every node. Null if it is none of these.
 */
export const parseRedisUrl = (value: string): RedisAddress | null => {
  const match = CLUSTER.exec(value)?.groups;
  if (!match) return isServerUrl(value) ? { kind: 'server', url: value } : null;
  const hosts = (match['nodes'] ?? '').split(',').map((node) => `redis://${node}`);
  const login = `redis://${match['credentials'] ?? ''}@host`;
  if (!hosts.every(isHost) || !URL.canParse(login)) return null;
  const { username, password } = new URL(login);
  return {
    kind: 'cluster',
    nodes: hosts.map((host) => {
      const { hostname, port } = new URL(host);
      return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? DEFAULT_PORT : Number(port) };
    }),
    username: username === '' ? undefined : decodeURIComponent(username),
    password: password === '' ? undefined : decodeURIComponent(password),
    tls: match['tls'] === 's',
  };
};

const isServerUrl = (value: string): boolean =>
  URL.canParse(value) && ['redis:', 'rediss:'].includes(new URL(value).protocol);

const isHost = (url: string): boolean => URL.canParse(url) && new URL(url).hostname !== '';
