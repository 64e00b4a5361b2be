# What nvl needs where access control is on. Attach it to nvl's job; the workload token that Nomad puts into the task
# then carries it, and no secret of yours is written anywhere:
#
#   nomad acl policy apply -namespace default -job nvl nvl jobspecs/acl-policy.hcl

# The allocations of its node, and the node itself.
node {
  policy = "read"
}

# Which node the agent beside it is, and where that keeps its allocations.
agent {
  policy = "read"
}

# Allocations of a namespace without read-job are left out of Nomad's answer, which nvl cannot see. List the namespaces
# one by one where not all of them are to be collected.
namespace "*" {
  capabilities = ["read-job"]
}
