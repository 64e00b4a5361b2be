import { type OptionAt, type OptionKind, optionAt } from './options.ts';
import type { OptionReader, Place, PlaceId, Places, Surroundings } from './place.ts';
import type { TomlTable } from './plan.ts';
import { refuse } from './refused.ts';
import type { TomlPath } from './toml-scan.ts';

/** Why no value at all can stand somewhere, and what to write instead. */
export type Never = NonNullable<Surroundings['never']>;

/** The row of an option's own language; none for mere text and for VRL, which has rows of its own. */
const PLACE_OF: Record<OptionKind, PlaceId | undefined> = {
  text: undefined,
  vrl: undefined,
  template: 'template',
  glob: 'glob',
  inputs: 'inputs',
  regex: 'regexOption',
  unknown: 'unknownOption',
  decided: 'optionName',
  code: 'code',
};

const NEVER_OF: Partial<Record<OptionKind, Never>> = {
  decided: { why: 'it would choose what Vector runs', instead: 'the type written out' },
  code: {
    why: 'nvl does not know this language well enough to quote a value in it',
    instead: 'the helper raw, where the profile allows it',
  },
};

/** Why no value can name a section or an option of Vector's. */
export const NEVER_NAMED: Never = {
  why: 'Vector decides the names of its sections and options, so no value can',
  instead: 'the name written out; names below labels, tags, headers and routes may be values',
};

/**
 * What Vector makes of an option's text: the row of the table of places that a value in it must pass, and why no value can,
 * where none can.
 */
export type Option = { kind: OptionKind; place: Place | undefined; never: Never | undefined };

/**
 * Says what Vector makes of each option of a configuration, by its path in the tree: that `sinks.loki.labels.app` is a
 * Vector template whose name is the author's to choose, for a sink of type `loki`.
 */
export const createOptions = (tree: TomlTable, places: Places) => {
  const question = (path: TomlPath): OptionAt => ({
    section: String(path[0]),
    type: textAt(tree, [...path.slice(0, 2), 'type']),
    path: path.slice(2),
    besideType: textAt(tree, [...path.slice(0, -1), 'type']),
  });

  const at = (path: TomlPath): Option => {
    const { kind } = optionAt(question(path));
    const id = PLACE_OF[kind];
    return { kind, place: id && places[id], never: NEVER_OF[kind] };
  };

  /** What a name is: a component's id, one of the author's own, or one that Vector decides. */
  const nameAt = (path: TomlPath): PlaceId => {
    if (path.length === 2 && COMPONENT_SECTIONS.has(String(path[0]))) return 'componentId';
    return path.length > 2 ? optionAt(question(path)).name : 'optionName';
  };

  const reader = (path: TomlPath): OptionReader => {
    const { kind, place, never } = at(path);
    const here: Surroundings = { before: '', after: '', ...(never && { never }) };
    const asText = (value: unknown): string => (place ? place.encode(value, here) : String(value));
    let items: OptionReader | undefined;
    const isWhole = kind === 'vrl' || never !== undefined;
    return {
      isIdentifying: kind === 'inputs' || path[0] === 'sources',
      text: asText,
      whole: isWhole ? (value) => (kind === 'vrl' ? places.vrlValue.encode(value, here) : asText(value)) : undefined,
      item: () => (items ??= reader([...path, 0])),
      field: (name) => {
        const id = nameAt([...path, name]);
        if (id === 'optionName')
          return refuse(
            'an object here would choose the names of options',
            'the options written out, each with its own value',
          );
        return {
          name: id === 'templateKey' ? places.templateKey.encode(name, here) : name,
          option: reader([...path, name]),
        };
      },
    };
  };
  return { at, nameAt, reader };
};

/**
 * Answers by path: `at` for the option's text, `nameAt` for its name, `reader` for a bare value that may be a list or a
 * table.
 */
export type Options = ReturnType<typeof createOptions>;

const COMPONENT_SECTIONS = new Set(['sources', 'transforms', 'sinks', 'enrichment_tables']);

/** The text at a path of the tree, where there is one. */
const textAt = (tree: TomlTable, path: TomlPath): string | undefined => {
  const found = valueAt(tree, path);
  return typeof found === 'string' ? found : undefined;
};

/** What stands at a path of a parsed tree; undefined where nothing does. */
export const valueAt = (tree: unknown, path: TomlPath): unknown =>
  path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string | number, unknown>)[part] : undefined,
    tree,
  );
