import { parse } from 'smol-toml';
import { listOf, objectOf } from '../json.ts';
import type { RanInNvl } from '../profile-test/run-observer.ts';
import { inId } from '../render/labels/shapes.ts';
import type { Branch, Unmeasured } from './coverage.ts';
import { type Origins, originsOf } from './template/align.ts';
import type { Origin } from './template/arms.ts';
import type { TracedLine } from './template/traced-lines.ts';
import { type OriginAt, programBranches } from './vrl/program-branches.ts';
import { type ProgramPlace, placesIn, programPlaces } from './vrl/program-place.ts';
import type { VrlWatch } from './vrl/watch.ts';

/** A file with VRL that a transform names, as it was read. */
export type ProgramFile = { file: string; text: string };

/** The branches of all programs of a pipeline that its templates wrote, by the lines that those gave for one of its tasks. Pure. */
export const pipelineBranches = ({
  pipeline,
  run: { blocks, programs },
  watch,
  traced,
  labels,
  programFile,
}: {
  pipeline: string;
  run: Pick<RanInNvl, 'blocks' | 'programs'>;
  watch: Pick<VrlWatch, 'seen'>;
  traced: readonly TracedLine[];
  /** The template of the labels. */
  labels: string;
  /** A file with VRL by the path that a transform has. */
  programFile: (path: string) => ProgramFile | undefined;
}): { branches: Branch[]; unmeasured: Unmeasured[] } => {
  const toml = blocks.find(({ key }) => key === pipeline)?.text ?? '';
  const lines = toml.split('\n');
  const origins = originsOf({ lines, traced });
  const own = programs.filter(({ component }) => component === pipeline || component.startsWith(`${pipeline}_`));
  const tables = objectOf(parse(toml).transforms);
  const found = [...Map.groupBy(own, ({ component }) => component)].flatMap(([component, named]) => {
    // nvl's own, whatever it may look like.
    if (component === inId(pipeline)) return [];
    const places = programPlaces({ toml, component, programs: named.map(({ program }) => program.source) });
    return named.flatMap(({ program }, index) => {
      const seen = watch.seen(program);
      const place = places[index];
      const originAt =
        place === undefined
          ? inFiles({ options: objectOf(tables[component]), programFile })
          : component === `${pipeline}_out`
            ? inLabels({ place, origins, labels })
            : inTemplate({ place, origins, head: headOf({ lines, component }) });
      return seen === undefined ? [] : [programBranches({ program, seen, originAt })];
    });
  });
  return {
    branches: found.flatMap(({ branches }) => branches),
    unmeasured: found.flatMap(({ unmeasured }) => unmeasured),
  };
};

/** The labels' program stands among nvl's own lines. */
const inLabels = ({ place, origins, labels }: { place: ProgramPlace; origins: Origins; labels: string }): OriginAt => {
  const isTheirs = ({ file }: Origin): boolean => file === labels || file.startsWith('partials/');
  return (offset) => {
    const { line, column } = place(offset);
    const origin = origins.at(line, column);
    return origin !== undefined && isTheirs(origin) ? origin : undefined;
  };
};

/** Any other is its template's, whole: what looks like none of its lines came out of something in one before it. */
const inTemplate = ({ place, origins, head }: { place: ProgramPlace; origins: Origins; head: number }): OriginAt => {
  return (offset) => {
    const { line, column } = place(offset);
    const exact = origins.at(line, column);
    if (exact !== undefined) return exact;
    for (let near = line - 1; near >= head; near -= 1) {
      const origin = origins.at(near, 0);
      if (origin !== undefined) return { ...origin, isValue: true };
    }
    return undefined;
  };
};

/** The first line of a component's table: its id is a value, and the rest of that line the template's. */
const headOf = ({ lines, component }: { lines: readonly string[]; component: string }): number =>
  Math.max(
    0,
    lines.findIndex((line) => /^\s*\[/.test(line) && line.includes(component)),
  );

/** Vector puts several files together, each with a line end behind it. */
const inFiles = ({
  options: { file, files },
  programFile,
}: {
  options: Readonly<Record<string, unknown>>;
  programFile: (path: string) => ProgramFile | undefined;
}): OriginAt => {
  const paths = file === undefined ? listOf(files) : [file];
  const read = paths.flatMap((path) => {
    const found = programFile(String(path));
    return found === undefined ? [] : [{ ...found, placeAt: placesIn(found.text) }];
  });
  return (offset) => {
    let start = 0;
    for (const { file: name, text, placeAt } of read) {
      if (offset <= start + text.length) {
        const { line, column } = placeAt(offset - start);
        return { file: name, line: line + 1, column };
      }
      start += text.length + 1;
    }
    return undefined;
  };
};
