/** Who the demo's node says it is. */
export type DemoIdentity = { id: string; name: string; dataDir: string; address: string };

/** `GET /v1/agent/self` (api/agent.go): the parts that tell a client agent from others. */
export const agentSelf = ({ id, name, dataDir, address }: DemoIdentity) => ({
  config: {
    AdvertiseAddrs: { HTTP: hostOf(address) },
    BindAddr: '127.0.0.1',
    // Empty when it is the default, `<data_dir>/alloc`.
    Client: { AllocDir: '', Enabled: true, MaxKillTimeout: '30s', Meta: { rack: 'r1' } },
    ACL: { Enabled: false },
    DataDir: dataDir,
    Datacenter: 'dc1',
    NodeName: name,
    Region: 'global',
    Server: { Enabled: true },
    Version: VERSION,
  },
  member: { Name: `${name}.global`, Addr: '127.0.0.1', Status: 'alive' },
  stats: {
    client: { node_id: id, known_servers: hostOf(address), heartbeat_ttl: '10s', last_heartbeat: '1s' },
    nomad: { leader: 'true', server: 'true' },
  },
});

/** `GET /v1/node/:id` (api/nodes.go). */
export const nodeAnswer = ({ id, name, address }: DemoIdentity) => ({
  ID: id,
  Name: name,
  Datacenter: 'dc1',
  NodeClass: '',
  NodePool: 'default',
  HTTPAddr: hostOf(address),
  Attributes: { 'kernel.name': 'linux', 'nomad.version': VERSION.Version, 'unique.hostname': name },
  Drain: false,
  Drivers: { exec: { Detected: true, Healthy: true }, raw_exec: { Detected: true, Healthy: true } },
  HostVolumes: {},
  Links: {},
  Meta: { rack: 'r1' },
  SchedulingEligibility: 'eligible',
  Status: 'ready',
  CreateIndex: 1,
  ModifyIndex: 1,
});

const VERSION = { Version: '2.0.6', VersionMetadata: 'demo', VersionPrerelease: '' };

const hostOf = (address: string): string => new URL(address).host;
