import { expect } from 'vitest';

export type ReadMetric = {
  help: string;
  type: string;
  samples: { name: string; labels: Record<string, string>; value: string }[];
};

/**
 * Reads a page in Prometheus' text format, and is strict: each metric has HELP and TYPE once, before its samples, which stand together.
 *
 * @source https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md
 */
export const readPage = (text: string): Map<string, ReadMetric> => {
  const metrics = new Map<string, ReadMetric>();
  let current = '';
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, what, named = '', rest = ''] = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line) ?? [];
    if (what === 'HELP') {
      expect(metrics.has(named), `${named} once`).toBe(false);
      metrics.set(named, { help: rest, type: '', samples: [] });
      current = named;
    } else if (what === 'TYPE') {
      expect(named).toBe(current);
      Object.assign(metrics.get(named) ?? {}, { type: rest });
    } else {
      const [, name = '', labels = '', value = ''] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      expect(name, line).toBe(current);
      expect(value, line).toMatch(/^(?:[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/);
      const pairs = [...labels.matchAll(/([a-z]+)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/g)];
      expect(pairs.map(([pair]) => pair).join('')).toBe(labels);
      metrics
        .get(name)
        ?.samples.push({ name, value, labels: Object.fromEntries(pairs.map(([, key, of]) => [key, of])) });
    }
  }
  return metrics;
};
