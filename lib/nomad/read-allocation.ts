import { flagOf, type JsonObject, listOf, numberOf, objectOf, textOf, timeOfNs } from '../json.ts';
import { compare, inKeyOrder } from '../order.ts';
import { readGroup, readTask } from './read-group.ts';
import { readJob, readJobStatus } from './read-job.ts';

/** Names of links, folders and components are made of it. */
const ID = /^[\w-]+$/;

/**
 * Reads one allocation. Where its job or group is missing, its tasks are those that have resources or a state: their lines
 * are worth more than their meta. Undefined when it names no allocation and no task to work with: such an entry cannot be
 * collected, and must not stop the others.
 */
export const readAllocation = (value: unknown) => {
  const raw = objectOf(value);
  const rawJob = objectOf(raw.Job);
  const groupName = textOf(raw.TaskGroup);
  const rawGroup = listOf(rawJob.TaskGroups)
    .map(objectOf)
    .find((group) => group.Name === groupName);
  const id = textOf(raw.ID);
  const states = objectOf(raw.TaskStates);
  const resources = objectOf(raw.AllocatedResources);
  const shared = objectOf(resources.Shared);
  const allocated = objectOf(resources.Tasks);
  const namespace = textOf(raw.Namespace) || 'default';
  const rawTasks = rawGroup === undefined ? namedTasks({ states, allocated }) : listOf(rawGroup.Tasks).map(objectOf);
  if (!ID.test(id) || (rawGroup === undefined && rawTasks.length === 0)) return undefined;
  return {
    id,
    name: textOf(raw.Name),
    namespace,
    nodeId: textOf(raw.NodeID),
    nodeName: textOf(raw.NodeName),
    previousId: textOf(raw.PreviousAllocation),
    createTime: timeOfNs(raw.CreateTime),
    createIndex: numberOf(raw.CreateIndex),
    groupName,
    job: readJob({ raw: rawJob, jobId: textOf(raw.JobID), namespace }),
    group: readGroup(rawGroup ?? { Name: groupName }),
    tasks: rawTasks
      .filter((task) => textOf(task.Name) !== '')
      .map((task) => {
        const name = textOf(task.Name);
        return readTask({ raw: task, state: objectOf(states[name]), allocated: objectOf(allocated[name]) });
      }),
    ports: readPorts(shared),
    diskMB: numberOf(shared.DiskMB),
    status: readStatus(raw),
    jobStatus: readJobStatus(rawJob),
    groupCount: numberOf(rawGroup?.Count),
    /** The answer lacks the job or the group: only names and states are known, and no meta. */
    isPartial: rawGroup === undefined,
  };
};

/** Tasks by their names alone, in the order of these. */
const namedTasks = ({ states, allocated }: { states: JsonObject; allocated: JsonObject }): JsonObject[] =>
  [...new Set([...Object.keys(states), ...Object.keys(allocated)])].sort(compare).map((Name) => ({ Name }));

/** What changes while an allocation lives. */
const readStatus = (raw: JsonObject) => {
  const deployment = objectOf(raw.DeploymentStatus);
  const network = objectOf(raw.NetworkStatus);
  return {
    clientStatus: textOf(raw.ClientStatus),
    clientDescription: textOf(raw.ClientDescription),
    desiredStatus: textOf(raw.DesiredStatus),
    desiredDescription: textOf(raw.DesiredDescription),
    modifyTime: timeOfNs(raw.ModifyTime),
    modifyIndex: numberOf(raw.ModifyIndex),
    allocModifyIndex: numberOf(raw.AllocModifyIndex),
    evalId: textOf(raw.EvalID),
    deploymentId: textOf(raw.DeploymentID),
    nextId: textOf(raw.NextAllocation),
    followupEvalId: textOf(raw.FollowupEvalID),
    preemptedById: textOf(raw.PreemptedByAllocation),
    rescheduleAttempts: listOf(objectOf(raw.RescheduleTracker).Events).length,
    deployment: {
      healthy: flagOf(deployment.Healthy),
      canary: flagOf(deployment.Canary),
      timestamp: textOf(deployment.Timestamp),
    },
    network: {
      interfaceName: textOf(network.InterfaceName),
      address: textOf(network.Address),
      addressIpv6: textOf(network.AddressIPv6),
    },
  };
};

const readPorts = (shared: JsonObject) =>
  inKeyOrder(
    listOf(shared.Ports)
      .map(objectOf)
      .filter((port) => textOf(port.Label) !== '')
      .map(
        (port) =>
          [
            textOf(port.Label),
            { value: numberOf(port.Value), to: numberOf(port.To), hostIp: textOf(port.HostIP) },
          ] as const,
      ),
  );
