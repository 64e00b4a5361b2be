# Agents and an aggregator: an nvl with its Vector on each node (nvl.nomad.hcl, unchanged), and this one Vector, to which
# they send. Buffers, rates and the passwords of your stores are then in one place, and not on each node.
#
#   nomad job run jobspecs/aggregator.nomad.hcl
#   nvl init logging --sink vector          (the templates of the agents; put this job's address into their sink)
#   nomad job run -var config=/etc/nvl/nvl.yaml jobspecs/nvl.nomad.hcl
#
# What arrives is labelled already: this Vector needs no nvl, no token and no root. Change `sinks`: a Vector file of yours
# whose sinks have `nodes` as their input, with acknowledgements: an agent forgets a line only once this Vector has passed it
# on. Without it, what arrives is printed. A line may come twice where the connection breaks, and none is lost.

variable "vector" {
  type        = string
  default     = "vector"
  description = "The Vector executable: a name on the PATH of the client agent, or an absolute path."
}

variable "vector_user" {
  type        = string
  default     = "vector"
  description = "The user that Vector runs as, one that nothing else has (Vector's packages make it)."
}

variable "sinks" {
  type        = string
  default     = ""
  description = "A Vector file on the node with your sinks. Empty: the console."
}

variable "address" {
  type        = string
  default     = "0.0.0.0"
  description = "Where Vector listens: an address that the nodes reach, and nobody else. There is no password on it."
}

variable "port" {
  type        = number
  default     = 6000
  description = "The port there."
}

variable "data_dir" {
  type        = string
  default     = "/var/lib/vector"
  description = "Where Vector keeps disk buffers: a folder of that user's. A Vector of the same node that has it already needs another."
}

locals {
  console = <<-TOML
    [sinks.console]
    type = "console"
    inputs = ["nodes"]
    encoding.codec = "json"
    acknowledgements.enabled = true
  TOML
}

job "aggregator" {
  type        = "service"
  datacenters = ["*"]

  group "aggregator" {
    network {
      port "vector" {
        static = var.port
      }
    }

    restart {
      mode     = "delay"
      attempts = 10
      interval = "5m"
      delay    = "5s"
    }

    service {
      name     = "aggregator"
      provider = "nomad"
      port     = "vector"
    }

    task "vector" {
      driver = "raw_exec"
      user   = var.vector_user

      config {
        command = var.vector
        args = concat(
          ["-c", "$${NOMAD_TASK_DIR}/aggregator.toml"],
          var.sinks == "" ? [] : ["-c", var.sinks],
        )
      }

      # Vector takes up to 60 s to deliver what it holds. A client allows 30 s unless its `max_kill_timeout` says more.
      kill_signal  = "SIGTERM"
      kill_timeout = "30s"

      # Its values are put in before Nomad gets it: nothing of it is consul-template's.
      template {
        destination = "local/aggregator.toml"
        change_mode = "restart"
        data        = <<-TOML
          data_dir = "${var.data_dir}"

          [sources.nodes]
          type = "vector"
          address = "${var.address}:${var.port}"

          ${var.sinks == "" ? local.console : ""}
        TOML
      }

      # What the console sink prints would come back from this node, and longer each time.
      meta {
        nvl_enabled = "false"
      }

      logs {
        max_files     = 3
        max_file_size = 10
      }

      resources {
        cpu    = 500
        memory = 512
      }
    }
  }
}
