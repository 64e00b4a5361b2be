/** One line of a page of Prometheus metrics. */
export type Sample = { metric: string; labels: Readonly<Record<string, string>>; value: number };

/** The samples of a page in Prometheus' text format; comments, and values that are no numbers, are left out. */
export const samplesIn = (text: string): Sample[] =>
  text.split('\n').flatMap((line) => {
    const [, metric, labels = '', value] = /^(\w+)(?:\{(.*)\})? ([\d.e+]+)(?: \d+)?$/.exec(line) ?? [];
    if (metric === undefined) return [];
    const pairs = labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g);
    return [
      { metric, labels: Object.fromEntries([...pairs].map(([, name, text]) => [name, text])), value: Number(value) },
    ];
  });

/** What the URL of a `prometheus_exporter` answers; undefined when it doesn't, or too late. */
export const readSamples = async ({
  url,
  readTimeoutMs,
}: {
  url: string;
  readTimeoutMs: number;
}): Promise<Sample[] | undefined> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(readTimeoutMs) });
    return answer.ok ? samplesIn(await answer.text()) : undefined;
  } catch {
    return undefined;
  }
};
