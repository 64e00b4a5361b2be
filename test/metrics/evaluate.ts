import type { ReadMetric } from './support.ts';

/** Pages of one node at two moments, so many seconds apart: what a rule over a time looks at. */
export type Moments = { before: Map<string, ReadMetric>; now: Map<string, ReadMetric>; seconds: number; at: number };

type Sample = { labels: Record<string, string>; value: number };

/**
 * Evaluates what of PromQL the rules use, for one node: names with selectors, `rate`, `increase` and `deriv` over the two moments, `sum by`,
 * `count by`, `count`, `time()`, `+ - / > < ==`, and `and`. It throws for all else, so that a rule which is not understood fails its test.
 *
 * @source https://prometheus.io/docs/prometheus/latest/querying/operators/
 */
export const evaluate = (expr: string, moments: Moments): Sample[] => {
  const { left, operator, right } = splitAt(expr, [[' and '], [' > ', ' < ', ' == '], [' + ', ' - '], [' / ']]);
  if (operator === undefined) return evaluateOne(expr.trim(), moments);
  const [a, b] = [evaluate(left, moments), evaluate(right.replace(/^on \(\w+\) /, ''), moments)];
  if (operator === ' and ') return b.length > 0 ? a : [];
  return a.flatMap(({ labels, value }) => {
    const other = b.find((one) => b.length === 1 || JSON.stringify(one.labels) === JSON.stringify(labels))?.value;
    if (other === undefined) return [];
    const isTrue = { ' > ': value > other, ' < ': value < other, ' == ': value === other }[operator];
    if (isTrue !== undefined) return isTrue ? [{ labels, value }] : [];
    const made = { ' + ': value + other, ' - ': value - other, ' / ': value / other }[operator];
    return [{ labels, value: made ?? Number.NaN }];
  });
};

/** At the last operator that binds least, outside of all parentheses. */
const splitAt = (expr: string, levels: readonly (readonly string[])[]) => {
  for (const operators of levels) {
    for (let at = expr.length - 1, depth = 0; at >= 0; at -= 1) {
      if (expr[at] === ')' || expr[at] === '}') depth += 1;
      if (expr[at] === '(' || expr[at] === '{') depth -= 1;
      const operator = depth === 0 ? operators.find((one) => expr.startsWith(one, at)) : undefined;
      if (operator !== undefined) return { left: expr.slice(0, at), operator, right: expr.slice(at + operator.length) };
    }
  }
  return { left: expr, operator: undefined, right: '' };
};

const evaluateOne = (expr: string, moments: Moments): Sample[] => {
  const { before, now, seconds, at } = moments;
  if (/^[\d.e]+$/.test(expr)) return [{ labels: {}, value: Number(expr) }];
  if (expr === 'time()') return [{ labels: {}, value: at }];
  const [, how, by, inner = ''] = /^(sum|count)(?: by \(([^)]*)\))? ?\((.*)\)$/.exec(expr) ?? [];
  if (how !== undefined) {
    const names = by?.split(',').map((one) => one.trim()) ?? [];
    const groups = Map.groupBy(evaluate(inner, moments), ({ labels }) =>
      JSON.stringify(names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]]))),
    );
    return [...groups].map(([key, all]) => ({
      labels: Object.fromEntries(JSON.parse(key) as [string, string][]),
      value: how === 'count' ? all.length : all.reduce((sum, { value }) => sum + value, 0),
    }));
  }
  const [, over, selector = ''] = /^(rate|increase|deriv)\((.*)\[\d+[mh]\]\)$/.exec(expr) ?? [];
  if (over === undefined) return select(expr, now);
  const past = new Map(select(selector, before).map(({ labels, value }) => [JSON.stringify(labels), value]));
  return select(selector, now).map(({ labels, value }) => {
    const grown = value - (past.get(JSON.stringify(labels)) ?? value);
    return { labels, value: over === 'increase' ? grown : grown / seconds };
  });
};

const select = (selector: string, page: Map<string, ReadMetric>): Sample[] => {
  const [, name = '', list = ''] = /^([a-z_]+)(?:\{(.*)\})?$/.exec(selector) ?? [];
  if (name === '') throw new Error(`not understood: ${selector}`);
  const wanted = [...list.matchAll(/(\w+)(=~|=)"([^"]*)"/g)].map(([, label = '', how, value = '']) => ({
    label,
    fits: how === '=~' ? new RegExp(`^(?:${value})$`) : { test: (one: string) => one === value },
  }));
  return (page.get(name)?.samples ?? [])
    .filter(({ labels }) => wanted.every(({ label, fits }) => fits.test(labels[label] ?? '')))
    .map(({ labels, value }) => ({ labels, value: Number(value.replace('+Inf', 'Infinity')) }));
};
