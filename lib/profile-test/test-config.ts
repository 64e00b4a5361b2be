import { join } from 'node:path';
import { parse } from 'smol-toml';
import { objectOf } from '../json.ts';
import { linesId } from '../render/joined-lines.ts';
import { tomlText } from '../toml-text.ts';
import type { RunFolders } from './lay-out.ts';

/** The generated configuration, as it is on a node. */
export const configFile = (folders: RunFolders): string => join(folders.config, 'nomad.toml');

/** Where the events of one task end up. */
export const eventsFile = ({ folders, id }: { folders: RunFolders; id: string }): string =>
  join(folders.events, `${id}.ndjson`);

/**
 * What a run adds to the generated configuration: its data folder, and for each task a sink behind its labels, so that
 * events are told apart whatever they hold. Times without a zone are read as UTC, so that a test gives the same everywhere.
 */
export const testConfig = ({
  folders,
  tasks,
}: {
  folders: RunFolders;
  tasks: readonly { id: string; pipeline: string }[];
}): string =>
  [
    `data_dir = ${tomlText(folders.data)}`,
    'timezone = "UTC"',
    ...tasks.map(({ id, pipeline }) =>
      [
        `[sinks.nvl_test_${id}]`,
        'type = "file"',
        `inputs = ["${pipeline}_out"]`,
        `path = ${tomlText(eventsFile({ folders, id }))}`,
        'encoding.codec = "json"',
        'acknowledgements.enabled = true',
      ].join('\n'),
    ),
    '',
  ].join('\n\n');

/** The longest time for which a source of this configuration, or what joins its lines, waits for one more line of an event. */
export const longestMultilineMs = (text: string): number => {
  const { sources, transforms } = parse(text);
  return Math.max(
    0,
    ...Object.values(objectOf(sources)).map((source) => {
      const { multiline } = objectOf(source);
      return multiline === undefined ? 0 : Number(objectOf(multiline).timeout_ms ?? DEFAULT_TIMEOUT_MS);
    }),
    ...Object.entries(objectOf(transforms)).map(([id, transform]) =>
      id.endsWith(linesId('')) ? Number(objectOf(transform).expire_after_ms ?? 0) : 0,
    ),
  );
};

/** The longest time for which any transform of this configuration holds back what may become one event. */
export const longestReduceMs = (text: string): number =>
  Math.max(
    0,
    ...Object.values(objectOf(parse(text).transforms))
      .map(objectOf)
      .filter(({ type }) => type === 'reduce')
      .map(({ expire_after_ms: expireMs }) => Number(expireMs ?? DEFAULT_EXPIRE_MS)),
  );

/** @source https://vector.dev/docs/reference/configuration/transforms/reduce/#expire_after_ms */
const DEFAULT_EXPIRE_MS = 30_000;

/** Vector's default of `multiline.timeout_ms`. */
const DEFAULT_TIMEOUT_MS = 1_000;
