import { flagOf, type JsonObject, listOf, numberOf, objectOf, textMapOf, textOf, textsOf, timeOfNs } from '../json.ts';

/** What of a job stays while it runs; `jobId` and `namespace` are the allocation's, for a job that does not say its own. */
export const readJob = ({ raw, jobId, namespace }: { raw: JsonObject; jobId: string; namespace: string }) => {
  const periodic = objectOf(raw.Periodic);
  const parameterized = objectOf(raw.ParameterizedJob);
  const type = textOf(raw.Type);
  const ui = objectOf(raw.UI);
  const spec = textOf(periodic.Spec);
  return {
    id: textOf(raw.ID) || jobId,
    name: textOf(raw.Name) || textOf(raw.ID) || jobId,
    namespace: textOf(raw.Namespace) || namespace,
    region: textOf(raw.Region) || 'global',
    type,
    priority: numberOf(raw.Priority),
    datacenters: textsOf(raw.Datacenters),
    nodePool: textOf(raw.NodePool),
    meta: textMapOf(raw.Meta),
    parentId: textOf(raw.ParentID),
    isDispatched: flagOf(raw.Dispatched),
    isPeriodic: raw.Periodic !== null && raw.Periodic !== undefined,
    isParameterized: raw.ParameterizedJob !== null && raw.ParameterizedJob !== undefined,
    periodic: {
      enabled: flagOf(periodic.Enabled),
      specs: spec === '' ? textsOf(periodic.Specs) : [spec],
      timeZone: textOf(periodic.TimeZone),
    },
    parameterized: {
      payload: textOf(parameterized.Payload),
      metaRequired: textsOf(parameterized.MetaRequired),
      metaOptional: textsOf(parameterized.MetaOptional),
    },
    ui: {
      description: textOf(ui.Description),
      links: listOf(ui.Links)
        .map(objectOf)
        .map((link) => ({ label: textOf(link.Label), url: textOf(link.URL) })),
    },
    consulNamespace: textOf(raw.ConsulNamespace),
    vaultNamespace: textOf(raw.VaultNamespace),
    isBatch: type === 'batch' || type === 'sysbatch',
  };
};

/** What of a job changes while it runs. */
export const readJobStatus = (raw: JsonObject) => {
  const tag = objectOf(raw.VersionTag);
  return {
    version: numberOf(raw.Version),
    versionTag: {
      name: textOf(tag.Name),
      description: textOf(tag.Description),
      taggedTime: timeOfNs(tag.TaggedTime),
    },
    submitTime: timeOfNs(raw.SubmitTime),
    isStable: flagOf(raw.Stable),
    status: textOf(raw.Status),
    stop: flagOf(raw.Stop),
    modifyIndex: numberOf(raw.JobModifyIndex),
  };
};
