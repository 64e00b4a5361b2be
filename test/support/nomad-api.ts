/** The requests a test makes of a real Nomad agent, on its HTTP API; each is bounded in time. */
export type NomadApi = ReturnType<typeof createNomadApi>;

/** The few fields that tests read; the full shape is Nomad's. */
export type Allocation = {
  ID: string;
  Name: string;
  Namespace: string;
  JobID: string;
  TaskGroup: string;
  ClientStatus: string;
  DesiredStatus: string;
};

export type JobPlace = { jobId: string; namespace?: string };

/** A job as HCL text (with values for its variables) or as the API's JSON object. */
export type JobSource =
  | { hcl: string; variables?: Readonly<Record<string, string>> }
  | { job: Record<string, unknown> };

export const createNomadApi = ({ address, token }: { address: string; token?: string | undefined }) => {
  const request = async <T = unknown>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(address + path, {
      method,
      signal: AbortSignal.timeout(20_000),
      ...(token === undefined ? {} : { headers: { 'X-Nomad-Token': token } }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.trim()}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };

  const parse = async ({ hcl, variables = {} }: { hcl: string; variables?: Readonly<Record<string, string>> }) => {
    const values = Object.entries(variables).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    return request<Record<string, unknown>>('POST', '/v1/jobs/parse', { JobHCL: hcl, Variables: values.join('\n') });
  };

  return {
    request,

    run: async (source: JobSource): Promise<Required<JobPlace>> => {
      const job = 'job' in source ? source.job : await parse(source);
      await request('POST', '/v1/jobs', { Job: job });
      return { jobId: String(job.ID), namespace: String(job.Namespace ?? 'default') };
    },

    /** Starts a child of a parameterized job. */
    dispatch: async ({ jobId, namespace = 'default', meta = {} }: JobPlace & { meta?: Record<string, string> }) => {
      const answer = await request<{ DispatchedJobID: string }>(
        'POST',
        jobPath({ jobId, namespace, verb: 'dispatch' }),
        { Meta: meta },
      );
      return { jobId: answer.DispatchedJobID, namespace };
    },

    allocationsOf: ({ jobId, namespace = 'default' }: JobPlace) =>
      request<Allocation[]>('GET', `${jobPath({ jobId, namespace, verb: 'allocations' })}&all=true`),

    /** Those of every job and namespace, finished ones included. */
    allocations: () => request<Allocation[]>('GET', '/v1/allocations?namespace=*'),

    jobs: () => request<{ ID: string; Namespace: string; Status: string }[]>('GET', '/v1/jobs?namespace=*'),

    stop: ({ jobId, namespace = 'default', purge = false }: JobPlace & { purge?: boolean }) =>
      request('DELETE', `${jobPath({ jobId, namespace })}&purge=${purge}`),

    stopAllocation: (id: string) => request('POST', `/v1/allocation/${id}/stop?no_shutdown_delay=true`),

    /** Collects everything that is finished, at once: `nomad system gc`. */
    gc: () => request('PUT', '/v1/system/gc'),

    createNamespace: (name: string) => request('POST', `/v1/namespace/${name}`, { Name: name }),

    createPolicy: ({ name, rules }: { name: string; rules: string }) =>
      request('POST', `/v1/acl/policy/${name}`, { Name: name, Rules: rules }),

    /** Gives the secret of a new client token with these policies, which may expire. */
    createToken: async ({ policies, forSeconds }: { policies: string[]; forSeconds?: number }) =>
      (
        await request<{ SecretID: string }>('POST', '/v1/acl/token', {
          Name: policies.join(' '),
          Type: 'client',
          Policies: policies,
          ...(forSeconds === undefined ? {} : { ExpirationTTL: forSeconds * 1e9 }),
        })
      ).SecretID,
  };
};

const jobPath = ({ jobId, namespace, verb }: { jobId: string; namespace: string; verb?: string }) =>
  // A job's id may hold slashes, and Nomad reads an escaped one.
  `/v1/job/${encodeURIComponent(jobId)}${verb === undefined ? '' : `/${verb}`}?namespace=${encodeURIComponent(namespace)}`;
