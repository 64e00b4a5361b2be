import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Child, startChild } from './child.ts';
import { killProcessesIn, mountsIn, processesIn, removeControlGroupsOf, unmountAllIn } from './leftovers.ts';
import { createNomadApi, type NomadApi } from './nomad-api.ts';
import { nomad, pathOf } from './programs.ts';
import { waitFor, waitUntil } from './wait.ts';

export type NomadAgent = NomadApi & {
  /** Of the client agent, as nvl beside it uses it. */
  address: string;
  /** The management token, where access control is on. */
  token: string | undefined;
  nodeId: string;
  nodeName: string;
  dataDir: string;
  allocDir: string;
  /** What child programs need in their environment to reach this agent. */
  env: Record<string, string>;
  /** Runs the `nomad` command against this agent; rejects when it fails. */
  cli: (...args: string[]) => Promise<string>;
  /** Everything the client agent has logged so far. */
  log: () => Promise<string>;
  stopClient: () => Promise<void>;
  startClient: () => Promise<void>;
  stopServer: () => Promise<void>;
  startServer: () => Promise<void>;
  /** Starts one more client agent beside the first, as a node of its own, which ends with all others. */
  addClient: (nodeName: string) => Promise<{ allocDir: string; log: () => Promise<string> }>;
  close: () => Promise<void>;
};

export type NomadAgentOptions = {
  nodeName?: string;
  acl?: boolean;
  /** How many allocations a client keeps before it collects the oldest finished ones; Nomad's own default is 50. */
  gcMaxAllocs?: number;
  /** Added to the client's block of the configuration. */
  client?: Record<string, unknown>;
  /** The client agent's HTTP is TLS, and asks for certificates of that authority; tests themselves then ask the server. */
  tls?: { caFile: string; certFile: string; keyFile: string };
};

/**
 * Starts a real Nomad on 127.0.0.1, with free ports and all its files in one temporary folder, and waits until its node
 * is ready. Server and client are two processes, as on a real node: a client that starts together with a new server
 * asks before that has its keys and then waits 15 to 30 seconds, and here either can be stopped and started alone.
 */
export const startNomadAgent = async ({
  nodeName = 'node-1',
  acl = false,
  gcMaxAllocs = 500,
  client = {},
  tls,
}: NomadAgentOptions = {}): Promise<NomadAgent> => {
  const binary = pathOf(nomad);
  const folder = await mkdtemp(join(tmpdir(), 'nvl-nomad-'));
  const ports = await freePorts(6);
  const addressOf = (port: number | undefined) => `http://127.0.0.1:${port}`;
  const serverAddress = addressOf(ports[0]);
  const address = tls === undefined ? addressOf(ports[3]) : `https://127.0.0.1:${ports[3]}`;
  const asked = tls === undefined ? address : serverAddress;
  const files = {
    server: {
      ...commonConfig({ nodeName, acl, dataDir: join(folder, 'server'), ports: ports.slice(0, 3) }),
      ...serverConfig(),
    },
    client: {
      ...commonConfig({ nodeName, acl, dataDir: join(folder, 'client'), ports: ports.slice(3) }),
      ...clientConfig({ gcMaxAllocs, server: `127.0.0.1:${ports[1]}`, more: client }),
      ...(tls && { tls: tlsConfig(tls) }),
    },
  };
  const children: Partial<Record<keyof typeof files, Child>> = {};
  const moreClients: Child[] = [];
  const removeAtExit = () => {
    killProcessesIn(folder);
    unmountAllIn(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', removeAtExit);

  const start = async (role: keyof typeof files) => {
    const cwd = join(folder, role);
    await mkdir(cwd, { recursive: true });
    await writeFile(join(folder, `${role}.json`), JSON.stringify(files[role]));
    const args = ['agent', `-config=${join(folder, `${role}.json`)}`];
    children[role] = await startChild(binary, args, { cwd, env: agentEnv(), logFile: join(folder, `${role}.log`) });
  };
  const stop = async (role: keyof typeof files) => {
    await children[role]?.end({ graceMs: 15_000 });
  };
  /** Waits with the agent's own last words in the error, since why it did not start stands there. */
  const ready = async (role: keyof typeof files, what: string, isSo: () => Promise<boolean>) => {
    const probe = async () => {
      if (children[role]?.hasEnded()) return true;
      return isSo();
    };
    const outcome = await waitUntil(what, probe, { timeoutMs: 40_000, everyMs: 25 }).catch((error: unknown) => error);
    if (outcome === undefined && !children[role]?.hasEnded()) return;
    const said = (await children[role]?.said())?.trimEnd().split('\n').slice(-15).join('\n');
    throw new Error(`nomad's ${role} did not start: ${what}\n${said}`, { cause: outcome });
  };
  const startServer = async () => {
    await start('server');
    await ready('server', 'a server with keys', async () => (await readKeys(serverAddress)) > 0);
  };
  let api = createNomadApi({ address: asked });
  const startClient = async () => {
    await start('client');
    await ready('client', 'a node that is ready', () => isReady({ api, nodeName }));
  };
  const addClient: NomadAgent['addClient'] = async (name) => {
    const cwd = join(folder, name);
    await mkdir(cwd, { recursive: true });
    const config = {
      ...commonConfig({ nodeName: name, acl, dataDir: cwd, ports: await freePorts(3) }),
      ...clientConfig({ gcMaxAllocs, server: `127.0.0.1:${ports[1]}`, more: client }),
    };
    await writeFile(join(folder, `${name}.json`), JSON.stringify(config));
    const args = ['agent', `-config=${join(folder, `${name}.json`)}`];
    const child = await startChild(binary, args, { cwd, env: agentEnv(), logFile: join(folder, `${name}.log`) });
    moreClients.push(child);
    await waitUntil(`${name} to be ready`, () => isReady({ api, nodeName: name }), { timeoutMs: 60_000 });
    return { allocDir: join(cwd, 'alloc'), log: child.said };
  };
  const removeAll = async () => {
    killProcessesIn(folder);
    unmountAllIn(folder);
    await waitUntil(
      'processes and mounts to be gone',
      () => processesIn(folder).length + mountsIn(folder).length === 0,
    );
    const logs = await Promise.all([children.client, ...moreClients].map((child) => child?.said()));
    removeControlGroupsOf(allocationsIn(logs.join('\n')));
    await rm(folder, { recursive: true, force: true });
    process.off('exit', removeAtExit);
  };

  try {
    await startServer();
    const token = acl ? await bootstrapAcl(serverAddress) : undefined;
    api = createNomadApi({ address: asked, token });
    await startClient();
    const node = (await api.request<NodeStub[]>('GET', '/v1/nodes')).find(({ Name }) => Name === nodeName);
    const env = { NOMAD_ADDR: asked, ...(token === undefined ? {} : { NOMAD_TOKEN: token }) };
    return {
      ...api,
      address,
      token,
      nodeId: node?.ID ?? '',
      nodeName,
      dataDir: join(folder, 'client'),
      allocDir: join(folder, 'client', 'alloc'),
      env,
      cli: async (...args) => (await execute(binary, args, { env: { ...agentEnv(), ...env }, timeout: 60_000 })).stdout,
      log: async () => (await children.client?.said()) ?? '',
      stopClient: () => stop('client'),
      startClient,
      stopServer: () => stop('server'),
      startServer,
      addClient,
      close: async () => {
        // A client agent that ends leaves its tasks running, for the next one to find; so they end before it does.
        if (!children.server?.hasEnded() && !children.client?.hasEnded()) await endAllTasks(api);
        await Promise.all([stop('client'), ...moreClients.map((child) => child.end({ graceMs: 15_000 }))]);
        await stop('server');
        await removeAll();
      },
    };
  } catch (error) {
    await Promise.all([stop('client'), stop('server')]);
    await removeAll();
    throw error;
  }
};

const isReady = async ({ api, nodeName }: { api: NomadApi; nodeName: string }): Promise<boolean> => {
  const nodes = await api.request<NodeStub[]>('GET', '/v1/nodes');
  const node = nodes.find(({ Name }) => Name === nodeName);
  return node?.Status === 'ready' && node.Drivers.raw_exec?.Healthy === true;
};

type NodeStub = { ID: string; Name: string; Status: string; Drivers: Record<string, { Healthy: boolean } | undefined> };

const execute = promisify(execFile);

const commonConfig = ({
  nodeName,
  acl,
  dataDir,
  ports: [http, rpc, serf],
}: {
  nodeName: string;
  acl: boolean;
  dataDir: string;
  ports: number[];
}) => ({
  name: nodeName,
  data_dir: dataDir,
  bind_addr: '127.0.0.1',
  ports: { http, rpc, serf },
  advertise: { http: '127.0.0.1', rpc: '127.0.0.1', serf: '127.0.0.1' },
  disable_update_check: true,
  // Tests do not wait the minute that a token lives at least.
  acl: { enabled: acl, token_min_expiration_ttl: '1s' },
});

const serverConfig = () => ({
  // One voter alone elects itself: the shortest timeouts there are save seconds at each start.
  server: {
    enabled: true,
    bootstrap_expect: 1,
    raft_multiplier: 1,
    default_scheduler_config: [{ memory_oversubscription_enabled: true }],
  },
});

const clientConfig = ({
  gcMaxAllocs,
  server,
  more,
}: {
  gcMaxAllocs: number;
  server: string;
  more: Record<string, unknown>;
}) => ({
  client: {
    enabled: true,
    servers: [server],
    network_interface: 'lo',
    gc_max_allocs: gcMaxAllocs,
    gc_disk_usage_threshold: 99,
    gc_inode_usage_threshold: 99,
    options: {
      // Each of these asks the network, or a program that is not there, before the node may register.
      'fingerprint.denylist': 'env_aws,env_gce,env_azure,env_digitalocean,consul,vault,cni',
      // No test's task has one of these, and each looks for its program again and again.
      'driver.denylist': 'docker,java,qemu',
    },
    ...more,
  },
  plugin: [{ raw_exec: [{ config: [{ enabled: true }] }] }],
});

const tlsConfig = ({ caFile, certFile, keyFile }: NonNullable<NomadAgentOptions['tls']>) => ({
  http: true,
  verify_https_client: true,
  ca_file: caFile,
  cert_file: certFile,
  key_file: keyFile,
});

/** Without a file of certificate authorities meant for other programs: Nomad's cloud fingerprinters fail on it. */
const agentEnv = (): NodeJS.ProcessEnv => {
  const { AWS_CA_BUNDLE: _, NOMAD_ADDR: __, NOMAD_TOKEN: ___, NOMAD_NAMESPACE: ____, ...env } = process.env;
  return env;
};

const readKeys = async (address: string): Promise<number> => {
  const response = await fetch(`${address}/.well-known/jwks.json`, { signal: AbortSignal.timeout(2_000) });
  return response.ok ? ((await response.json()) as { keys: unknown[] }).keys.length : 0;
};

const bootstrapAcl = (address: string): Promise<string> =>
  waitFor('the first token', async () => {
    const answer = await createNomadApi({ address }).request<{ SecretID: string }>('POST', '/v1/acl/bootstrap');
    return answer.SecretID;
  });

const endAllTasks = async (api: NomadApi): Promise<void> => {
  // Not purged: that takes an allocation out of every list at once, while its task still runs.
  for (const { ID, Namespace } of await api.jobs()) await api.stop({ jobId: ID, namespace: Namespace });
  await waitUntil('all tasks to end', async () => (await api.allocations()).every(isFinished), { timeoutMs: 40_000 });
  // Finished allocations keep their mounts until they are collected.
  await api.gc();
};

const isFinished = ({ ClientStatus }: { ClientStatus: string }) =>
  ['complete', 'failed', 'lost'].includes(ClientStatus);

const allocationsIn = (log: string): string[] =>
  [...log.matchAll(/alloc_id=([0-9a-f-]{36})/g)].map(([, id]) => id ?? '');

const freePorts = async (count: number): Promise<number[]> => {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve, reject) =>
        server.once('error', reject).listen(0, '127.0.0.1', () => resolve(server)),
      );
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
};
