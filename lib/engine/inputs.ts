import { listOf, objectOf, textOf, textsOf } from '../json.ts';
import { expandInput } from '../vector/config/expand-input.ts';
import { DEFAULT_OUTPUT, DROPPED, UNMATCHED } from './event.ts';

type Component = { id: string; type: string; options: Readonly<Record<string, unknown>> };

/** The outputs that other components may name as inputs: `id`, or `id.port`. Pure. */
export const outputsOf = ({ id, type, options }: Component): string[] => {
  const ports = NAMED_OUTPUTS[type]?.(options) ?? [DEFAULT_OUTPUT];
  return ports.map((port) => (port === DEFAULT_OUTPUT ? id : `${id}.${port}`));
};

/**
 * What each of the transforms reads: an input is a pattern, as Vector (0.57) has it, and stays as it is where nothing fits it. `sources`: their
 * outputs. Pure.
 */
export const expandInputs = <T extends Component>({
  sources,
  transforms,
}: {
  sources: readonly string[];
  transforms: readonly T[];
}): (T & { inputs: readonly string[] })[] => {
  const outputs = [...sources, ...transforms.flatMap(outputsOf)];
  return transforms.map((one) => ({
    ...one,
    inputs: textsOf(one.options.inputs).flatMap((input) => expandInput({ input, id: one.id, outputs })),
  }));
};

const NAMED_OUTPUTS: Readonly<Record<string, (options: Component['options']) => string[]>> = {
  remap: ({ reroute_dropped }) => (reroute_dropped === true ? [DEFAULT_OUTPUT, DROPPED] : [DEFAULT_OUTPUT]),
  route: ({ route, reroute_unmatched }) => [
    ...Object.keys(objectOf(route)),
    ...(reroute_unmatched === false ? [] : [UNMATCHED]),
  ],
  exclusive_route: ({ routes }) => [...listOf(routes).map((one) => textOf(objectOf(one).name)), UNMATCHED],
};
