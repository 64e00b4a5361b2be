import { flagOf, mapOf, numberOf, objectOf, textMapOf, textOf } from '../json.ts';

/** The node of `GET /v1/node/:id` (api/nodes.go), with what templates may see. */
export type Node = ReturnType<typeof readNode>;

export const readNode = (value: unknown) => {
  const raw = objectOf(value);
  return {
    id: textOf(raw.ID),
    name: textOf(raw.Name),
    datacenter: textOf(raw.Datacenter),
    class: textOf(raw.NodeClass),
    pool: textOf(raw.NodePool) || 'default',
    httpAddr: textOf(raw.HTTPAddr),
    meta: textMapOf(raw.Meta),
    hostVolumes: mapOf(raw.HostVolumes, ({ Path }) => ({ path: textOf(Path) })),
    status: {
      status: textOf(raw.Status),
      isEligible: textOf(raw.SchedulingEligibility) !== 'ineligible',
      isDraining: flagOf(raw.Drain),
      attributes: textMapOf(raw.Attributes),
      links: textMapOf(raw.Links),
      drivers: mapOf(raw.Drivers, ({ Healthy }) => ({ isHealthy: flagOf(Healthy) })),
      modifyIndex: numberOf(raw.ModifyIndex),
    },
  };
};
