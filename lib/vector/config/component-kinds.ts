import type { ComponentKind } from '../../component-kind.ts';

/** Every kind of component that Vector 0.57 can be built with, as its reference lists them. A build may have fewer. */
export const KINDS: Readonly<Record<ComponentKind, ReadonlySet<string>>> = {
  source: new Set(
    (
      'amqp apache_metrics aws_ecs_metrics aws_kinesis_firehose aws_s3 aws_sqs datadog_agent demo_logs dnstap docker_logs ' +
      'eventstoredb_metrics exec file file_descriptor fluent gcp_pubsub heroku_logs host_metrics http_client http_server ' +
      'internal_logs internal_metrics journald kafka kubernetes_logs logstash mongodb_metrics mqtt nats nginx_metrics okta ' +
      'opentelemetry postgresql_metrics prometheus_pushgateway prometheus_remote_write prometheus_scrape pulsar redis ' +
      'socket splunk_hec static_metrics statsd stdin syslog vector websocket windows_event_log'
    ).split(' '),
  ),
  transform: new Set(
    (
      'aggregate aws_ec2_metadata dedupe delay exclusive_route filter incremental_to_absolute log_to_metric lua ' +
      'metric_to_log reduce remap route sample tag_cardinality_limit throttle trace_to_log window'
    ).split(' '),
  ),
  sink: new Set(
    (
      'amqp appsignal aws_cloudwatch_logs aws_cloudwatch_metrics aws_kinesis_firehose aws_kinesis_streams aws_s3 aws_sns ' +
      'aws_sqs axiom azure_blob azure_logs_ingestion azure_monitor_logs blackhole clickhouse console databend ' +
      'databricks_zerobus datadog_events datadog_logs datadog_metrics datadog_traces doris elasticsearch file ' +
      'gcp_chronicle_unstructured gcp_cloud_storage gcp_pubsub gcp_stackdriver_logs gcp_stackdriver_metrics greptimedb_logs ' +
      'greptimedb_metrics honeycomb http humio_logs humio_metrics influxdb_logs influxdb_metrics kafka keep loki mezmo mqtt ' +
      'nats new_relic opentelemetry papertrail postgres prometheus_exporter prometheus_remote_write pulsar redis sematext_logs ' +
      'sematext_metrics socket splunk_hec_logs splunk_hec_metrics statsd vector webhdfs websocket websocket_server'
    ).split(' '),
  ),
};
