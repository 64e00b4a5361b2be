# What the nvl beside a job's own tasks needs where access control is on: to read that job's allocations. Attach it to the
# job; the workload token that Nomad puts into the task then carries it, and no secret of yours is written anywhere:
#
#   nomad acl policy apply -namespace default -job sidecar nvl-sidecar jobspecs/sidecar-acl-policy.hcl

# The job's namespace. Nomad has no such capability for one job: with it the other jobs there can be read, too; nvl asks
# for its own allocation alone.
namespace "default" {
  capabilities = ["read-job"]
}
