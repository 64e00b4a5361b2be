import { textsOf } from '../../json.ts';
import type { WrittenComponent } from '../vector/component.ts';

/** What of a Vector configuration asks Nomad, reads its log folders, and labels the lines. */
export type Collection = {
  /** Sources over the log folders of allocations. */
  fileSources: readonly WrittenComponent[];
  /** Sources that ask Nomad for the node's allocations. */
  apiSources: readonly WrittenComponent[];
  /** What makes rows of the answer. */
  builders: readonly WrittenComponent[];
  /** What labels lines by those rows. */
  labellers: readonly WrittenComponent[];
  all: readonly WrittenComponent[];
};

/** By what they do, whatever they are called. Pure. */
export const findCollection = (components: readonly WrittenComponent[]): Collection => {
  const fileSources = components.filter(
    ({ section, options }) =>
      section === 'sources' &&
      options.type === 'file' &&
      textsOf(options.include).some((glob) => glob.includes('/alloc/logs/')),
  );
  const apiSources = components.filter(
    ({ section, options }) =>
      section === 'sources' &&
      options.type === 'http_client' &&
      /\/v1\/(?:node\/.*\/)?allocations\b/.test(String(options.endpoint ?? '')),
  );
  const builders = behind({ components, of: apiSources });
  const tables = components.filter(
    ({ section, options, inputs }) =>
      section === 'enrichment_tables' &&
      options.type === 'memory' &&
      inputs.length > 0 &&
      inputs.every((input) => [...apiSources, ...builders].some(({ id }) => id === input)),
  );
  const labellers = components.filter(
    ({ section, options, inputs }) =>
      section === 'transforms' &&
      inputs.some((input) => fileSources.some(({ id }) => id === input)) &&
      tables.some(({ id }) => String(options.source ?? '').includes(`"${id}"`)),
  );
  return {
    fileSources,
    apiSources,
    builders,
    labellers,
    all: [...apiSources, ...builders, ...tables, ...fileSources, ...labellers],
  };
};

/** Transforms that read nothing but these, or each other behind these. */
const behind = ({
  components,
  of,
}: {
  components: readonly WrittenComponent[];
  of: readonly WrittenComponent[];
}): WrittenComponent[] => {
  const found: WrittenComponent[] = [];
  const known = new Set(of.map(({ id }) => id));
  for (let before = -1; before < found.length; ) {
    before = found.length;
    for (const one of components) {
      if (one.section !== 'transforms' || known.has(one.id) || one.inputs.length === 0) continue;
      if (!one.inputs.every((input) => known.has(input))) continue;
      known.add(one.id);
      found.push(one);
    }
  }
  return found;
};
