import type { CycleObserver } from '../daemon/session.ts';
import { gaugesOf } from '../metrics/gauges.ts';
import { createRegistry, METRICS_TYPE } from '../metrics/registry.ts';
import { JSON_TYPE, type ServedText, TEXT_TYPE } from '../serve/answer-requests.ts';
import { healthOf, whyNotReady } from '../status/health.ts';
import type { NodeStatus } from '../status/status.ts';

/** The pages for programs that watch nvl. They lie ready: whoever asks has none made. */
export type MetricsPages = {
  /** Counts what cycles do. */
  observer: CycleObserver;
  /** Makes the pages anew. */
  refresh(status: NodeStatus): Promise<void>;
  answer(path: string): ServedText | undefined;
};

export const createPages = (): MetricsPages => {
  const registry = createRegistry();
  let lost: NodeStatus['logs']['lostBytes'] = {};
  const ok: ServedText = { status: 200, type: TEXT_TYPE, body: 'ok\n' };
  const soon: ServedText = { status: 503, type: TEXT_TYPE, body: 'nvl has just started\n' };
  const pages = new Map([
    ['/healthz', ok],
    ['/readyz', soon],
    ['/health', soon],
    ['/metrics', soon],
  ]);
  return {
    observer: {
      result: ({ result }) => registry.count('nvl_cycles_total', result.outcome),
      failure: () => registry.count('nvl_cycles_total', 'failed'),
      templates: () => {},
      proof: (proof) => registry.count('nvl_validations_total', proofWord(proof)),
      reload: ({ kind }) => registry.count('nvl_reloads_total', kind),
      nomadError: ({ code }) => {
        if (code === 'nomadAway' || code === 'nomadRefused' || code === 'nomadAnswer')
          registry.count('nvl_nomad_errors_total', code);
      },
    },
    refresh: async (status) => {
      const now = status.logs.lostBytes;
      // What is forgotten of a task was lost all the same.
      for (const [why, bytes] of Object.entries(now))
        registry.count('nvl_lost_bytes_total', why, Math.max(0, bytes - (lost[why] ?? 0)));
      lost = now;
      registry.set(gaugesOf(status));
      pages.set('/metrics', { status: 200, type: METRICS_TYPE, body: await registry.text() });
      pages.set('/health', healthPage(status));
      pages.set('/readyz', readyPage(status));
    },
    answer: (path) => pages.get(path),
  };
};

const proofWord = (proof: Parameters<CycleObserver['proof']>[0]): string => {
  if (proof === undefined) return 'failed';
  if (!proof.ok) return 'refused';
  return (proof.unproven ?? []).length > 0 ? 'unproven' : 'passed';
};

const healthPage = (status: NodeStatus): ServedText => {
  const health = healthOf(status);
  return { status: health.level === 'red' ? 503 : 200, type: JSON_TYPE, body: `${JSON.stringify(health)}\n` };
};

const readyPage = (status: NodeStatus): ServedText => {
  const why = whyNotReady(status);
  return why.length === 0
    ? { status: 200, type: TEXT_TYPE, body: 'ready\n' }
    : { status: 503, type: TEXT_TYPE, body: `${why.join('\n')}\n` };
};
