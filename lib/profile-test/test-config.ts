import { join } from 'node:path';
import { parse } from 'smol-toml';
import { objectOf } from '../json.ts';
import { linesId } from '../render/joined-lines.ts';
import { tomlText } from '../toml-text.ts';
import type { RunFolders } from './lay-out.ts';
import { MARK_PATH, markProgram } from './mark-cases.ts';

/** The generated configuration, as it is on a node. */
export const configFile = (folders: RunFolders): string => join(folders.config, 'nomad.toml');

/** Where the events of one task end up. */
export const eventsFile = ({ folders, id }: { folders: RunFolders; id: string }): string =>
  join(folders.events, `${id}.ndjson`);

/** Where an event of a pipeline ends up that no longer tells of which task it is. */
export const strayFile = ({ folders, pipeline }: { folders: RunFolders; pipeline: string }): string =>
  eventsFile({ folders, id: strayName(pipeline) });

/** The name of no task: a stem begins with `nvl_`. */
const strayName = (pipeline: string): string => `stray_${pipeline}`;

/**
 * What a run adds to the generated configuration: its data folder, and for each pipeline a sink behind its labels, so that
 * events are told apart whatever they hold: those of tasks that share it by their marks, which `withMarks` gives them. Times
 * without a zone are read as UTC, so that a test gives the same everywhere.
 */
export const testConfig = ({
  folders,
  stems,
  secret,
}: {
  folders: RunFolders;
  /** Of the tasks of each pipeline. */
  stems: ReadonlyMap<string, readonly string[]>;
  /** Where marks are. */
  secret: string;
}): string =>
  [
    `data_dir = ${tomlText(folders.data)}`,
    'timezone = "UTC"',
    ...[...stems].flatMap(([pipeline, [id = '', ...others]]) =>
      others.length === 0
        ? [eventsSink({ pipeline, input: `${pipeline}_out`, path: eventsFile({ folders, id }) })]
        : [
            markReader({ pipeline, secret }),
            eventsSink({
              pipeline,
              input: readerId(pipeline),
              path: eventsFile({ folders, id: `{{ ${MARK_PATH} }}` }),
            }),
          ],
    ),
    '',
  ].join('\n\n');

const readerId = (pipeline: string): string => `nvl_test_${pipeline}_mark`;

const markReader = ({ pipeline, secret }: { pipeline: string; secret: string }): string =>
  [
    `[transforms.${readerId(pipeline)}]`,
    'type = "remap"',
    `inputs = ["${pipeline}_out"]`,
    `source = '''${markProgram({ secret, otherwise: strayName(pipeline) })}'''`,
  ].join('\n');

const eventsSink = ({ pipeline, input, path }: { pipeline: string; input: string; path: string }): string =>
  [
    `[sinks.nvl_test_${pipeline}]`,
    'type = "file"',
    `inputs = ["${input}"]`,
    `path = ${tomlText(path)}`,
    'encoding.codec = "json"',
    'acknowledgements.enabled = true',
  ].join('\n');

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
