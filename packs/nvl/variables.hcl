variable "job_name" {
  type        = string
  default     = "nvl"
  description = "The job's name."
}

variable "region" {
  type        = string
  default     = ""
  description = "The region that the job runs in. Empty: that of the agent which is asked."
}

variable "namespace" {
  type        = string
  default     = ""
  description = "The namespace that the job runs in. Empty: that of the command. nvl collects all namespaces that its policy names, whichever it is in."
}

variable "datacenters" {
  type        = list(string)
  default     = ["*"]
  description = "The datacenters whose nodes are collected."
}

variable "node_pool" {
  type        = string
  default     = ""
  description = "The pool whose nodes are collected, or all of them: \"all\". Empty: the default pool."
}

variable "nvl" {
  type        = string
  default     = "nvl"
  description = "The nvl executable: a name on the PATH of the client agent, or an absolute path."
}

variable "vector" {
  type        = string
  default     = "vector"
  description = "The Vector executable, found in the same way."
}

variable "vector_args" {
  type        = list(string)
  default     = []
  description = "Vector's own arguments, such as [\"-c\", \"/etc/vector/team.toml\"] for your sinks."
}

variable "vector_user" {
  type        = string
  default     = "vector"
  description = "The user that Vector runs as, one that nothing else has. It must be able to read Vector's own files and to write to its data_dir. Empty: root, as nvl is."
}

variable "config" {
  type        = string
  default     = ""
  description = "nvl's configuration on the node. Empty: nvl looks for one itself, in /etc/nvl at last."
}

variable "root" {
  type        = string
  default     = "/var/lib/nvl"
  description = "The folder on the node for the generated configuration, the links, and what nvl and Vector remember."
}

variable "nomad_addr" {
  type        = string
  default     = ""
  description = "The address of the node's own agent, such as https://127.0.0.1:4646. Empty: the socket that Nomad puts into the task's folder, which needs no port and no TLS."
}

variable "nomad_ca_cert" {
  type        = string
  default     = ""
  description = "With an address of https: a PEM file on the node, of the CA that signed the agent's certificate."
}

variable "nomad_client_cert" {
  type        = string
  default     = ""
  description = "Where the agent has verify_https_client: a PEM certificate on the node that nvl shows to it."
}

variable "nomad_client_key" {
  type        = string
  default     = ""
  description = "The key of that certificate, for root alone to read."
}

variable "templates" {
  type        = string
  default     = ""
  description = "Where your templates come from, as the source of an artifact: git::https://git.example.com/logging.git//templates?ref=v12. They are then a version of this job, and each node proves them before it starts with them. Empty: as nvl's configuration says."
}

variable "max_parallel" {
  type        = number
  default     = 1
  description = "How many nodes get a new version at the same time. 0: all at once, and Nomad looks at none."
}

variable "canary" {
  type        = number
  default     = 0
  description = "On how many of 100 nodes a new version has to be well before the others get it; it goes back by itself where it is not (Nomad 1.11 and newer). 0: none, and it goes on to all nodes."
}

variable "min_healthy_time" {
  type        = string
  default     = "60s"
  description = "How long nvl has to be well on a node. It is longer than nomad.interval (30s): what a sink drops is seen by then."
}

variable "healthy_deadline" {
  type        = string
  default     = "3m"
  description = "How long it may take until it has been well for so long. After that the version has failed there."
}

variable "check" {
  type        = string
  default     = "/health"
  description = "What Nomad asks nvl, to know whether it is well, once it is ready. /readyz: no more than that it has the list and that Vector runs."
}

variable "metrics_port" {
  type        = number
  default     = 0
  description = "The port of nvl's /metrics and /health, on 127.0.0.1. 0: one that Nomad chooses."
}

variable "memory" {
  type        = number
  default     = 512
  description = "MB for nvl and Vector, which took 80 and 60 at 100 tasks, 90 and 85 at 1,000. A proof runs one more Vector for a moment, and what sinks buffer comes on top."
}
