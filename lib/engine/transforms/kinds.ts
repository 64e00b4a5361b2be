import type { Transform, TransformParts } from '../transform.ts';
import { dedupe } from './dedupe.ts';
import { exclusiveRoute } from './exclusive-route.ts';
import { filter } from './filter.ts';
import { reduce } from './reduce.ts';
import { remap } from './remap.ts';
import { route } from './route.ts';
import { sample } from './sample.ts';
import { throttle } from './throttle.ts';

/** What makes a transform of each type that this engine runs. It throws `NotRunnable` for options that it cannot run. */
export const TRANSFORM_KINDS: ReadonlyMap<string, (parts: TransformParts) => Transform> = new Map([
  ['dedupe', dedupe],
  ['exclusive_route', exclusiveRoute],
  ['filter', filter],
  ['reduce', reduce],
  ['remap', remap],
  ['route', route],
  ['sample', sample],
  ['throttle', throttle],
]);
