import { NvlError } from '../errors.ts';
import { reachable } from '../vector/config/reachable.ts';
import { DEFAULT_EXPORTER_ADDRESS, type UserConfig } from '../vector/config/user-config.ts';

/** Where the running Vector's own metrics are. Undefined: nobody said. Pure. */
export const metricsPlace = ({
  asked,
  configured,
  exporters,
}: {
  /** By a flag, before all else. */
  asked: string | undefined;
  /** `reload.metrics`. */
  configured: string | undefined;
  exporters: UserConfig['exporters'];
}): string | undefined => {
  const [exporter] = exporters;
  const inFiles =
    exporter && `http${exporter.isTls ? 's' : ''}://${reachable(exporter.address ?? DEFAULT_EXPORTER_ADDRESS)}/metrics`;
  const url = asked ?? configured ?? inFiles;
  if (url === undefined || (URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol))) return url;
  throw new NvlError('usage', {
    message: `${JSON.stringify(url)} is no URL of Vector's metrics`,
    advice: `write it as ${EXAMPLE}`,
  });
};

const EXAMPLE = 'http://127.0.0.1:9598/metrics';

/** Nobody answers there, or nobody said where. Pure. */
export const metricsAway = ({ url, said }: { url: string | undefined; said?: string }): NvlError =>
  new NvlError('vectorMetricsAway', {
    message:
      url === undefined ? "where Vector's own metrics are is not known" : `Vector's metrics cannot be read at ${url}`,
    facts: {
      said,
      looked:
        url === undefined
          ? 'at --url, reload.metrics, and the Vector files that vector.args names, or what stands behind --'
          : undefined,
    },
    advice: ADVICE,
  });

const ADVICE = `write into a Vector file of your own, and reload Vector:
[sources.vector_metrics]
type = "internal_metrics"
[sinks.vector_metrics_page]
type = "prometheus_exporter"
inputs = ["vector_metrics"]
address = "127.0.0.1:9598"`;
