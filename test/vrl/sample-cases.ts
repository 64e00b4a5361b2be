import { linkName } from '../../lib/link-name.ts';
import { parseCsv } from '../../lib/pipelines/csv.ts';
import { vectorTables } from '../../lib/render/vector-tables.ts';
import type { VrlTable } from '../../lib/vrl/vrl.ts';
import { componentsIn, pipelineOf, renderOf } from '../render/support.ts';
import { aContext, LINKS } from '../support/builders.ts';
import { linesIn, type RealFile, realFiles, samplesWith } from '../support/cross-samples.ts';
import { RENDERED_SINK } from '../support/deliver-rendered.ts';
import type { CorpusCase, Step } from './corpus.ts';

/**
 * The shipped samples over the lines of their own tests: all programs of a task's pipeline, from the look-up of its row to its labels. What
 * stands between them and is no `remap` is left out.
 */
export const sampleCases = async (): Promise<CorpusCase[]> => {
  const templates = await samplesWith(RENDERED_SINK);
  const tasks = realFiles().map((file, index) => ({
    file,
    task: aContext({
      id: `${index.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
      job: file.name,
      taskMeta: { nvl_profile: file.name },
    }),
  }));
  const rendered = await renderOf({ templates, tasks: tasks.map(({ task }) => task), mayShare: false });
  const { transforms } = componentsIn(rendered.text);
  const tables = Object.fromEntries([...vectorTables(rendered)].map(([id, text]) => [id, tableOf(text)]));
  return tasks.map(({ file, task }) => {
    const pipeline = pipelineOf(rendered, task);
    const wayTo = (id: string): string[] =>
      transforms[id] === undefined ? [] : [...wayTo(String(transforms[id].inputs?.[0]).replace(/\..*/, '')), id];
    const steps = wayTo(`${pipeline}_out`)
      .flatMap((id) => transforms[id] ?? [])
      .filter(({ type }) => type === 'remap')
      .map(
        ({ source, drop_on_error = false, drop_on_abort = true }): Step => ({
          source: String(source),
          dropOnError: drop_on_error === true,
          dropOnAbort: drop_on_abort === true,
        }),
      );
    const path = `${LINKS}/${pipeline}/${linkName({ stem: task.id, stream: 'stdout', index: 0 })}`;
    return { id: `sample_${file.name.replaceAll('-', '_')}`, steps, events: eventsOf(file, path), tables };
  });
};

/** As the file source makes them, but for the time of reading. */
const eventsOf = (file: RealFile, path: string): CorpusCase['events'] =>
  linesIn(file).map((message) => ({ file: path, message, nvl_offset: 0n, source_type: 'file' }));

/** A table from CSV as nvl writes it. */
const tableOf = (text: string): VrlTable => {
  const [columns = [], ...rows] = parseCsv(text);
  return { columns, rows };
};
