/** One line of a page of Prometheus metrics. */
export type Sample = {
  metric: string;
  labels: Readonly<Record<string, string>>;
  value: number;
  /** When it was taken, in milliseconds since the epoch, where the page says so. */
  at?: number;
};

/** The samples of a page in Prometheus' text format; comments, and values that are no numbers, are left out. */
export const samplesIn = (text: string): Sample[] =>
  text.split('\n').flatMap((line) => {
    const [, metric, labels = '', value, at] = /^(\w+)(?:\{(.*)\})? ([\d.e+]+)(?: (\d+))?$/.exec(line) ?? [];
    if (metric === undefined) return [];
    const pairs = labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g);
    return [
      {
        metric,
        labels: Object.fromEntries([...pairs].map(([, name, text = '']) => [name, unescaped(text)])),
        value: Number(value),
        ...(at !== undefined && { at: Number(at) }),
      },
    ];
  });

/** @source https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details */
const unescaped = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));

/** Whether it is that metric of Vector's, whose names have a namespace before them that can be configured. */
export const isMetric = ({ metric }: Pick<Sample, 'metric'>, name: string): boolean =>
  metric === name || metric.endsWith(`_${name}`);

/** What the URL of a `prometheus_exporter` answers; undefined when it doesn't, or too late. */
export const readSamples = async (from: { url: string; readTimeoutMs: number }): Promise<Sample[] | undefined> => {
  try {
    return await fetchSamples(from);
  } catch {
    return undefined;
  }
};

/** The same. Rejects with why it can't be read. */
export const fetchSamples = async ({
  url,
  readTimeoutMs,
  signal,
}: {
  url: string;
  readTimeoutMs: number;
  signal?: AbortSignal;
}): Promise<Sample[]> => {
  const late = AbortSignal.timeout(readTimeoutMs);
  const answer = await fetch(url, { signal: signal === undefined ? late : AbortSignal.any([signal, late]) });
  if (!answer.ok) throw new Error(`HTTP status ${answer.status}`);
  return samplesIn(await boundedText(answer));
};

/** A node of 3,000 tasks has a page of a few MiB. */
const MOST_BYTES = 64 * 1_024 * 1_024;

const boundedText = async ({ body }: Response): Promise<string> => {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    bytes += piece.byteLength;
    if (bytes > MOST_BYTES) throw new Error(`a page of more than ${MOST_BYTES / 1_024 / 1_024} MiB`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
};
