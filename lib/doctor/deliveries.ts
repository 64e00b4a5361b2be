import { describeTrouble } from '../vector/process/delivery.ts';
import type { DoctorContext } from './doctor-context.ts';
import { type Finding, ok, warn } from './finding.ts';

/** What the running nvl has seen in its Vector's log or metrics, and wrote into its state. */
export const checkDeliveries = async (context: DoctorContext): Promise<Finding[]> => {
  const state = await context.state();
  if (state === undefined) return [ok('no nvl has run on this root yet')];
  const troubles = state.troubles ?? [];
  if (troubles.length === 0)
    return [
      ok(
        `nothing is known against the sinks${context.config.reload.metrics === undefined ? '; only an nvl that runs Vector, or has reload.metrics, can see it' : ''}`,
      ),
    ];
  return troubles.map((trouble) =>
    warn(
      `${describeTrouble(trouble)} (since ${new Date(trouble.since).toISOString()})`,
      trouble.kind === 'drops'
        ? 'fix the mapping or the template: what was dropped is lost, but for the end of a file, which comes again when Vector is restarted'
        : 'see what its server says; the lines wait in their files',
    ),
  );
};
