import type { ReadMetric } from './support.ts';

/** All pages of one scrape; `at` in seconds. */
export type Scrape = { at: number; page: Map<string, ReadMetric> };

/** What a rule looks at: the newest scrape, and those of the last so many seconds with it, the oldest first. */
export type Scrapes = { now: Scrape; within: (seconds: number) => readonly Scrape[] };

export type Sample = { labels: Record<string, string>; value: number };

/**
 * Evaluates what of PromQL the rules use: names with selectors, `rate`, `increase`, `deriv` and `avg_over_time`, `sum by`, `count by`,
 * `count`, `time()`, `+ - / > < ==`, and `and`. It throws for all else, so that a rule which is not understood fails its test. What
 * Prometheus adds at the edges of a range (it extrapolates) is left out: no rule asks for more than whether something grew.
 *
 * @source https://prometheus.io/docs/prometheus/latest/querying/operators/
 */
export const evaluate = (expr: string, scrapes: Scrapes): Sample[] => {
  const { left, operator, right } = splitAt(expr, [[' and '], [' > ', ' < ', ' == '], [' + ', ' - '], [' / ']]);
  if (operator === undefined) return evaluateOne(expr.trim(), scrapes);
  const [a, b] = [evaluate(left, scrapes), evaluate(right, scrapes)];
  const otherOf = matching(b);
  if (operator === ' and ') return a.filter((one) => otherOf(one) !== undefined);
  // What comes of a number and a series is a series.
  if (isNumber(a) && !isNumber(b)) return b.flatMap((other) => combine({ operator, a: a[0], b: other, of: other }));
  return a.flatMap((one) => combine({ operator, a: one, b: otherOf(one), of: one }));
};

const SCALAR: Record<string, string> = {};

const isNumber = (samples: readonly Sample[]): boolean => samples[0]?.labels === SCALAR;

/** One that has all the same labels; a number is there for each. */
const matching = (samples: readonly Sample[]): ((one: Sample) => Sample | undefined) => {
  if (isNumber(samples)) return () => samples[0];
  const byLabels = new Map(samples.map((one) => [keyOf(one.labels), one]));
  return ({ labels }) => byLabels.get(keyOf(labels));
};

/** The same for the same labels. */
export const keyOf = (labels: Record<string, string>): string => JSON.stringify(Object.entries(labels).sort());

const combine = ({
  operator,
  a,
  b,
  of: { labels },
}: {
  operator: string;
  a: Sample | undefined;
  b: Sample | undefined;
  of: Sample;
}): Sample[] => {
  if (a === undefined || b === undefined) return [];
  const isTrue = { ' > ': a.value > b.value, ' < ': a.value < b.value, ' == ': a.value === b.value }[operator];
  if (isTrue !== undefined) return isTrue ? [{ labels, value: a.value }] : [];
  const made = { ' + ': a.value + b.value, ' - ': a.value - b.value, ' / ': a.value / b.value }[operator];
  return [{ labels, value: made ?? Number.NaN }];
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

const evaluateOne = (expr: string, scrapes: Scrapes): Sample[] => {
  const { now } = scrapes;
  if (/^[\d.e]+$/.test(expr)) return [{ labels: SCALAR, value: Number(expr) }];
  if (expr === 'time()') return [{ labels: SCALAR, value: now.at }];
  const [, how, by, inner = ''] = /^(sum|count)(?: by \(([^)]*)\))? ?\((.*)\)$/.exec(expr) ?? [];
  if (how !== undefined) {
    const names = by?.split(',').map((one) => one.trim()) ?? [];
    const labelsOf = ({ labels }: Sample) => names.flatMap((name) => (labels[name] ? [[name, labels[name]]] : []));
    const groups = Map.groupBy(evaluate(inner, scrapes), (one) => JSON.stringify(labelsOf(one)));
    return [...groups].map(([key, all]) => ({
      labels: Object.fromEntries(JSON.parse(key) as [string, string][]),
      value: how === 'count' ? all.length : all.reduce((sum, { value }) => sum + value, 0),
    }));
  }
  const [, over, selector = '', count, unit] = /^(\w+)\((.*)\[(\d+)([mh])\]\)$/.exec(expr) ?? [];
  if (over === undefined) return select(expr, now);
  const summary = OVER_TIME[over];
  if (summary === undefined) throw new Error(`not understood: ${expr}`);
  const series = seriesOf({ selector, scrapes: scrapes.within(Number(count) * (unit === 'h' ? 3_600 : 60)) });
  return series.flatMap(({ labels, points }) => {
    const value = summary(points);
    return value === undefined ? [] : [{ labels, value }];
  });
};

type Point = { at: number; value: number };

const seriesOf = ({ selector, scrapes }: { selector: string; scrapes: readonly Scrape[] }) => {
  const all = scrapes.flatMap((scrape) => select(selector, scrape).map((one) => ({ ...one, at: scrape.at })));
  return [...Map.groupBy(all, ({ labels }) => keyOf(labels)).values()].map((points) => ({
    labels: points[0]?.labels ?? {},
    points: points.map(({ at, value }): Point => ({ at, value })),
  }));
};

/** A counter that became smaller has begun anew. */
const increase = (points: readonly Point[]): number =>
  points.slice(1).reduce((sum, { value }, index) => {
    const before = points[index]?.value ?? 0;
    return sum + (value < before ? value : value - before);
  }, 0);

const secondsIn = (points: readonly Point[]): number => (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);

const meanOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

/** The slope of the line that lies nearest to all points. */
const slope = (points: readonly Point[]): number => {
  const [at, value] = [meanOf(points.map((one) => one.at)), meanOf(points.map((one) => one.value))];
  const sum = (of: (one: Point) => number): number => points.reduce((all, one) => all + of(one), 0);
  return sum((one) => (one.at - at) * (one.value - value)) / sum((one) => (one.at - at) ** 2);
};

const OVER_TIME: Readonly<Record<string, (points: readonly Point[]) => number | undefined>> = {
  increase: (points) => (points.length < 2 ? undefined : increase(points)),
  rate: (points) => (points.length < 2 ? undefined : increase(points) / secondsIn(points)),
  deriv: (points) => (points.length < 2 ? undefined : slope(points)),
  avg_over_time: (points) => meanOf(points.map(({ value }) => value)),
};

const select = (selector: string, { page }: Scrape): Sample[] => {
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
