import { isTable } from '../table.ts';
import type { ConfigComponent } from './component.ts';
import { errorAt, type Found } from './finding.ts';
import { isFilledIn } from './kinds.ts';

/**
 * What Vector has against the options of a transform beyond their types. Pure.
 *
 * @source vector 0.57.0: `validate` and `validate_env` of src/transforms/, `check_outputs` in src/config/validation.rs
 */
export const ruleFindings = (component: ConfigComponent): Found[] =>
  component.table === 'transforms' ? (RULES.get(component.type ?? '')?.(component) ?? []) : [];

const RULES = new Map(
  Object.entries<(component: ConfigComponent) => Found[]>({
    remap: ({ id, options }) =>
      ['source', 'file', 'files'].filter((option) => isSet(options[option])).length === 1
        ? []
        : [errorAt(['transforms', id], 'has to have exactly one of source, file, files')],
    route: ({ id, options: { route } }) =>
      isTable(route)
        ? reservedIn(Object.keys(route)).map((name) => errorAt(['transforms', id, 'route', name], RESERVED))
        : [],
    exclusive_route: ({ id, options: { routes } }) => {
      const names = (Array.isArray(routes) ? routes : []).flatMap((route) =>
        isTable(route) && typeof route.name === 'string' ? [route.name] : [],
      );
      const twice = names.filter((name, at) => names.indexOf(name) !== at && !isFilledIn(name));
      return [
        ...reservedIn(names).map((name) => errorAt(['transforms', id, 'routes'], `has ${name}, which ${RESERVED}`)),
        ...[...new Set(twice)].map((name) =>
          errorAt(['transforms', id, 'routes'], `has two routes of the name ${name}`),
        ),
      ];
    },
    reduce: ({ id, options }) =>
      isSet(options.starts_when) && isSet(options.ends_when)
        ? [errorAt(['transforms', id], 'may have starts_when or ends_when, not both')]
        : [],
    sample: ({ id, options: { rate, ratio } }) => [
      ...(isSet(rate) === isSet(ratio) ? [errorAt(['transforms', id], 'has to have rate or ratio, and not both')] : []),
      ...(rate === 0 ? [errorAt(['transforms', id, 'rate'], 'is 0, and has to be more')] : []),
      ...(typeof ratio === 'number' && ratio <= 0
        ? [errorAt(['transforms', id, 'ratio'], `is ${ratio}, and has to be more than 0`)]
        : []),
    ],
    throttle: ({ id, options }) =>
      ['threshold', 'window_secs']
        .filter((option) => options[option] === 0)
        .map((option) => errorAt(['transforms', id, option], 'is 0, and has to be more')),
  }),
);

/** YAML has a null. */
const isSet = (value: unknown): boolean => value !== undefined && value !== null;

const RESERVED = 'is a name that Vector keeps for itself';

const reservedIn = (names: readonly string[]): string[] =>
  names.filter((name) => name === '_unmatched' || name === '_default');
