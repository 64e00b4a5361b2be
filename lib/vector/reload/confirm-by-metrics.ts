import type { ReloadResult } from '../process/reload-result.ts';
import { readSamples, type Sample } from '../process/samples.ts';
import type { Confirmer } from './reloader.ts';

/**
 * Sees reloads in Vector's own metrics, as a `prometheus_exporter` behind an `internal_metrics` source shows them:
 * `vector_reloaded_total`, and `vector_component_errors_total` with `error_code` `config_load` or `reload` (0.57,
 * `internal_events/process.rs`; the namespace before it can be configured). They are about a second behind.
 */
export const createMetricsConfirmer = ({
  url,
  readTimeoutMs = 2_000,
}: {
  url: string;
  readTimeoutMs?: number;
}): Confirmer => ({
  name: 'metrics',
  begin: async () => {
    let before = await readCounters({ url, readTimeoutMs });
    return {
      look: async () => {
        const now = await readCounters({ url, readTimeoutMs });
        // The first answer there is, when none was to be had before: what has changed since can be told from then on.
        before ??= now;
        return now === undefined || before === undefined ? undefined : whatChanged({ before, now });
      },
    };
  },
});

type Counters = { reloaded: number | undefined; refused: number | undefined; needsRestart: number | undefined };

/** Vector forgets a counter that stood still for some minutes and counts from 1 again: any other number is news. */
const whatChanged = ({ before, now }: { before: Counters; now: Counters }): ReloadResult | undefined => {
  const isNews = (name: keyof Counters) => now[name] !== undefined && now[name] !== before[name];
  if (isNews('needsRestart'))
    return { kind: 'needsRestart', why: 'Vector counts a reload refused over a changed global option' };
  if (isNews('refused')) return { kind: 'refused', why: 'Vector counts a reload that it refused; its log says why' };
  return isNews('reloaded') ? { kind: 'reloaded' } : undefined;
};

const readCounters = async (from: { url: string; readTimeoutMs: number }): Promise<Counters | undefined> => {
  const samples = await readSamples(from);
  return samples === undefined ? undefined : countersIn(samples);
};

const countersIn = (samples: readonly Sample[]): Counters => {
  const counters: Counters = { reloaded: undefined, refused: undefined, needsRestart: undefined };
  for (const sample of samples) {
    const name = counterOf(sample);
    if (name !== undefined) counters[name] = (counters[name] ?? 0) + sample.value;
  }
  return counters;
};

const counterOf = ({ metric, labels }: Sample): keyof Counters | undefined => {
  if (/(^|_)reloaded_total$/.test(metric)) return 'reloaded';
  if (!/(^|_)component_errors_total$/.test(metric)) return undefined;
  const { error_code: code, reason } = labels;
  if (code === 'reload' && reason === 'global_options_changed') return 'needsRestart';
  return code === 'config_load' || code === 'reload' || code === 'recovery' ? 'refused' : undefined;
};
