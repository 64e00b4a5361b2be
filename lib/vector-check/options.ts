import { didYouMean } from '../nearest.ts';
import { isTable, type Table } from '../table.ts';
import { errorAt, type Found, noteAt } from './finding.ts';
import { isFilledIn, KIND_NAMES, kindOf, oneOf, shortened, takes, wantedBy } from './kinds.ts';
import { layersOf, missingIn, optionsIn, otherOf, shapeOfOption } from './layers.ts';
import type { Shape, TableShape, TextForm, VectorSchema } from './schema.ts';

/** A value, and where it stands in the configuration. */
type Placed<Value> = { value: Value; path: readonly PropertyKey[]; schema: VectorSchema };

/** What speaks against a value by the shape that it has to have. What is not clear is not refused. Pure. */
export const valueFindings = ({ value, path, schema }: Placed<unknown>, shape: Shape): Found[] => {
  const kind = kindOf(value);
  if (kind === undefined || Object.keys(shape).length === 0) return [];
  if (!takes(shape, kind)) return [errorAt(path, `is ${KIND_NAMES[kind]}, and has to be ${wantedBy(shape)}`)];
  if (typeof value === 'string') return textFindings({ value, path, schema }, shape);
  if (typeof value === 'number' || typeof value === 'bigint') return numberFindings({ value, path, schema }, shape);
  if (Array.isArray(value) && shape.list !== undefined) {
    const items = schema.shapes[shape.list] ?? {};
    return value.flatMap((item, at) => valueFindings({ value: item, path: [...path, at], schema }, items));
  }
  if (isTable(value) && shape.table !== undefined) return tableFindings({ value, path, schema }, shape.table);
  return [];
};

const textFindings = ({ value, path }: Placed<string>, { text, form }: Shape): Found[] => {
  if (form !== undefined && !FORMS[form].test(value))
    return [errorAt(path, `is ${shortened(value)}, and has to be ${FORM_NAMES[form]}`)];
  if (text === undefined || text === true || text.includes(value)) return [];
  return [errorAt(path, `is ${shortened(value)}, and has to be ${oneOf(text)}${didYouMean(value, text)}`)];
};

/** No stricter than they have to be: a systemd socket is `systemd#1`. */
const FORMS: Readonly<Record<TextForm, RegExp>> = {
  address: /^(?:[\d.]+:\d+|\[.*\]:\d+|systemd.*)$/s,
  character: /^.$/su,
};

const FORM_NAMES: Readonly<Record<TextForm, string>> = {
  address: 'an address with a port, as in "127.0.0.1:9000": a host’s name is none',
  character: 'one character',
};

const numberFindings = ({ value, path }: Placed<number | bigint>, shape: Shape): Found[] => {
  const { int, num } = shape;
  if (num || int === undefined || int === true) return [];
  const [min, max] = int;
  if ((min === null || value >= min) && (max === null || value <= max)) return [];
  return [errorAt(path, `is ${value}, and has to be ${wantedBy(shape)}`)];
};

const tableFindings = ({ value, path, schema }: Placed<Table>, shape: TableShape): Found[] => {
  const { layers, leaves, isKnown, findings } = layersOf({ value, path, shape, schema });
  const other = otherOf(leaves);
  for (const option of Object.keys(value)) {
    const inner = value[option];
    const place = shapeOfOption(option, layers) ?? (typeof other === 'number' && isKnown ? other : undefined);
    const own = place === undefined ? undefined : (schema.shapes[place] ?? {});
    if (own !== undefined && isPlain(inner, own)) continue;
    const at = [...path, option];
    if (own !== undefined) findings.push(...valueFindings({ value: inner, path: at, schema }, own));
    else if (isKnown && !isFilledIn(option)) findings.push(strangerAt({ path: at, option, other, layers }));
  }
  const missing = isKnown ? missingIn(value, layers).map((option) => errorAt([...path, option], 'is missing')) : [];
  return [
    ...findings,
    ...missing,
    ...aliasFindings(value, path, layers),
    ...singleFindings({ value, path, schema }, shape),
  ];
};

/** What most values are: that they fit is seen at once. */
const isPlain = (value: unknown, { text, form, bool }: Shape): boolean =>
  typeof value === 'string' ? text === true && form === undefined : typeof value === 'boolean' && bool === true;

const strangerAt = ({
  path,
  option,
  other,
  layers,
}: {
  path: readonly PropertyKey[];
  option: string;
  other: TableShape['other'];
  layers: readonly TableShape[];
}): Found => {
  const options = optionsIn(layers);
  const likely = didYouMean(option, options);
  return other === 'ignored'
    ? noteAt(path, `is no option that Vector knows, so it does nothing${likely}`)
    : errorAt(path, `is no option here${likely === '' ? knownOptions(options) : likely}`);
};

const MOST_KNOWN = 12;

const knownOptions = (options: readonly string[]): string =>
  options.length === 0 || options.length > MOST_KNOWN ? '' : `; known are ${[...options].sort().join(', ')}`;

const aliasFindings = (value: Table, path: readonly PropertyKey[], layers: readonly TableShape[]): Found[] =>
  layers
    .flatMap(({ aliases = {} }) => Object.entries(aliases))
    .filter(([alias, option]) => Object.hasOwn(value, alias) && Object.hasOwn(value, option))
    .map(([alias, option]) => errorAt([...path, alias], `is another name of \`${option}\`, which stands here too`));

const singleFindings = ({ value, path }: Placed<Table>, { isSingle, options = {} }: TableShape): Found[] =>
  !isSingle || Object.keys(value).length === 1
    ? []
    : [errorAt(path, `has to have exactly one of ${Object.keys(options).join(', ')}`)];
