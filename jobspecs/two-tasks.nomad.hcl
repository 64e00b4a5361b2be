# The same as nvl.nomad.hcl in two tasks: nvl as root, and beside it a Vector that is never root and that Nomad starts,
# restarts and limits by itself. nvl tells it by a signal to load what is new, and sees in its metrics that it did.
#
# It runs as it stands where `nvl` and `vector` are on the PATH of Nomad's clients, and where these have a user and a group
# `vector` and its folder /var/lib/vector (Vector's packages make them):
#
#   nomad acl policy apply -namespace default -job nvl nvl jobspecs/acl-policy.hcl    (where access control is on)
#   nomad job run jobspecs/two-tasks.nomad.hcl
#
# With one task, nvl starts Vector itself: it sees each word of it, can go back at once when Vector dies of a new
# configuration, and lets it run on copies of your own files. With two, nvl and Vector are updated, restarted and given
# memory apart. Change the variables below, and the sinks: `vector_args` names your own files, `config` says `sinks: none`.

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
  description = "The user that Vector runs as. It must be able to read Vector's own files and to write to its data_dir."
}

variable "vector_group" {
  type        = string
  default     = "vector"
  description = "The group of that user: its members alone may read the logs that nvl shows to Vector."
}

variable "data_dir" {
  type        = string
  default     = "/var/lib/vector"
  description = "Where Vector remembers how far it has read: a folder of that user's."
}

variable "metrics" {
  type        = string
  default     = "127.0.0.1:9598"
  description = "Where Vector shows its metrics to nvl."
}

variable "config" {
  type        = string
  default     = ""
  description = "nvl's configuration on the node. Empty: nvl looks for one itself, in /etc/nvl at last."
}

variable "root" {
  type        = string
  default     = "/var/lib/nvl"
  description = "The folder on the node for the generated configuration, the links, and what nvl remembers."
}

locals {
  # What Vector runs with. nvl proves each configuration with the same.
  arguments = concat(
    ["-c", "$${NOMAD_ALLOC_DIR}/vector.toml", "-c", "${var.root}/live/nomad.toml"],
    var.vector_args,
  )
}

job "nvl" {
  # One on each node, new nodes included.
  type        = "system"
  datacenters = ["*"]
  priority    = 90

  constraint {
    attribute = "${attr.kernel.name}"
    value     = "linux"
  }

  # A new version proves itself on one node before the next one gets it.
  update {
    max_parallel = 1
    stagger      = "30s"
  }

  group "nvl" {
    # For ever, and not in ever longer pauses. On a node's first start Vector ends until nvl has written its first
    # configuration, a few times.
    restart {
      mode     = "delay"
      attempts = 30
      interval = "5m"
      delay    = "2s"
    }

    task "nvl" {
      # Only root may list Nomad's folder of allocations (mode 0711).
      driver      = "raw_exec"
      kill_signal = "SIGTERM"

      # Before Vector, and ended after it.
      lifecycle {
        hook    = "prestart"
        sidecar = true
      }

      config {
        command = var.nvl
        args    = compact(["run", var.config == "" ? "" : "--config=${var.config}"])
      }

      # The token that Nomad makes for this task, as NOMAD_TOKEN; acl-policy.hcl says what it must be allowed to.
      identity {
        env = true
      }

      env {
        # The agent of this node and no other, over the socket in the task's own folder: no port, no TLS files.
        NOMAD_ADDR = "unix://${NOMAD_SECRETS_DIR}/api.sock"

        # Outside the allocation, whose folder is gone with the next version of this job.
        NVL_ROOT = var.root

        NVL_VECTOR_BINARY   = var.vector
        NVL_VECTOR_ARGS     = jsonencode(local.arguments)
        NVL_VECTOR_GROUP    = var.vector_group
        NVL_RELOAD_PID_FILE = "${NOMAD_ALLOC_DIR}/vector.pid"
        NVL_RELOAD_METRICS  = "http://${var.metrics}/metrics"
      }

      # What both read. Its values are put in before Nomad gets it: nothing of it is consul-template's.
      template {
        destination = "${NOMAD_ALLOC_DIR}/vector.toml"
        change_mode = "noop"
        data        = <<-TOML
          data_dir = "${var.data_dir}"

          [sources.vector_metrics]
          type = "internal_metrics"

          [sinks.vector_metrics_page]
          type = "prometheus_exporter"
          inputs = ["vector_metrics"]
          address = "${var.metrics}"
        TOML
      }

      # What a console sink prints is every line that was collected.
      meta {
        nvl_enabled = "false"
      }

      logs {
        max_files     = 3
        max_file_size = 10
      }

      resources {
        cpu    = 100
        memory = 256
      }
    }

    task "vector" {
      driver = "raw_exec"
      user   = var.vector_user

      # Its process id is how nvl finds it.
      config {
        command = "/bin/sh"
        args = concat(
          ["-c", "echo $$ > \"$NOMAD_ALLOC_DIR/vector.pid\" && exec \"$0\" \"$@\"", var.vector],
          local.arguments,
        )
      }

      # With threads to spare and small turns, Vector notes what is delivered while it reads a backlog. A node with more processors
      # than eight gets a thread for each.
      env {
        VECTOR_THREADS           = "8"
        VECTOR_CHUNK_SIZE_EVENTS = "100"
      }

      # Vector takes up to 60 s to deliver what it holds. A client allows 30 s unless its `max_kill_timeout` says more.
      kill_signal  = "SIGTERM"
      kill_timeout = "30s"

      meta {
        nvl_enabled = "false"
      }

      logs {
        max_files     = 3
        max_file_size = 10
      }

      resources {
        cpu    = 100
        memory = 256
      }
    }
  }
}
