import { type EngineEvent, isVrlObject } from '../engine/event.ts';
import { exactJson } from '../exact-json.ts';
import { asPlain, type VrlObject } from '../vrl/values.ts';
import type { PipelineStep } from './task-pipeline.ts';

/**
 * What became of an event on its way, a line for each component that changed it: `+` a field that is new, `~` one with another value, `-` one
 * that is gone. Fields of metadata have a `%`; nvl's own there are left out. Pure.
 */
export const traceEvent = ({ event, way }: { event: EngineEvent; way: PipelineStep['way'] }): string[] => {
  const rows: string[] = [];
  let before: Fields = new Map();
  for (const { component, events } of way) {
    const [found, ...others] = events.filter((one) => isSame(one, event));
    if (found === undefined) continue;
    const after = fieldsOf(found);
    const changes = [...changesBetween(before, after)];
    const count = others.length === 0 ? [] : [`${others.length + 1} events of these lines`];
    const joined = found.lines.length === 1 || before.size > 0 ? [] : [`${found.lines.length} lines in one`];
    for (const [index, change] of [...count, ...joined, ...changes].entries())
      rows.push(`${(index === 0 ? component : '').padEnd(WIDTH)}  ${change}`);
    before = after;
  }
  return rows;
};

/**
 * What became of an event between two places, a line for each field as `traceEvent` has them. `isLeftOut`: by the field's path, as `.nomad.job_name`.
 * Pure.
 */
export const eventChanges = ({
  before,
  after,
  isLeftOut = () => false,
}: {
  before: EngineEvent;
  after: EngineEvent;
  isLeftOut?: (path: string) => boolean;
}): string[] => {
  const shown = (event: EngineEvent): Fields => new Map([...fieldsOf(event)].filter(([path]) => !isLeftOut(path)));
  return [...changesBetween(shown(before), shown(after))];
};

const WIDTH = 8;

/** Where nvl keeps whose line it is. */
const OWN = 'nvl';

/** Made of the same lines, or of some of them. */
const isSame = (one: EngineEvent, event: EngineEvent): boolean =>
  one === event ||
  one.lines.some(({ file, number }) => event.lines.some((own) => own.file === file && own.number === number));

/** Texts of values, by the paths of the fields that hold no object. */
type Fields = ReadonlyMap<string, string>;

const fieldsOf = ({ event, metadata }: EngineEvent): Fields =>
  new Map([...leaves(event, '.'), ...leaves(metadata, '%').filter(([path]) => !path.startsWith(`%${OWN}.`))]);

const leaves = (object: VrlObject, prefix: string): [string, string][] =>
  Object.entries(object).flatMap(([name, value]): [string, string][] => {
    const path = `${prefix}${/^[0-9A-Za-z_@]+$/.test(name) ? name : JSON.stringify(name)}`;
    return isVrlObject(value) && Object.keys(value).length > 0
      ? leaves(value, `${path}.`)
      : [[path, exactJson(asPlain(value)) ?? '']];
  });

const changesBetween = function* (before: Fields, after: Fields): Generator<string> {
  for (const [path, value] of after) {
    const old = before.get(path);
    if (old === undefined) yield `+ ${path} ${short(value)}`;
    else if (old !== value) yield `~ ${path} ${short(old)} → ${short(value)}`;
  }
  for (const path of before.keys()) if (!after.has(path)) yield `- ${path}`;
};

const MOST = 160;
const short = (text: string): string => (text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text);
