# Ships the logs of every task on every node: one nvl on each, with the Vector that it starts, proves configurations
# against, reloads and ends. It runs as it stands where `nvl` and `vector` are on the PATH of Nomad's clients, and where
# these have a user `vector` (Vector's packages make it; else: useradd --system vector):
#
#   nomad acl policy apply -namespace default -job nvl nvl jobspecs/acl-policy.hcl    (where access control is on)
#   nomad job run jobspecs/nvl.nomad.hcl

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

variable "datacenters" {
  type    = list(string)
  default = ["*"]
}

variable "memory" {
  type        = number
  default     = 512
  description = "MB for nvl and Vector, which took 80 and 60 at 100 tasks, 90 and 85 at 1,000. A proof runs one more Vector for a moment, and what sinks buffer comes on top."
}

job "nvl" {
  # One on each node, new nodes included.
  type        = "system"
  datacenters = var.datacenters
  # Logs of what is placed later matter more than that it is placed.
  priority = 90

  constraint {
    attribute = "${attr.kernel.name}"
    value     = "linux"
  }

  # With canaries, a version that is not well on them goes no further, and is taken back (docs/rollout.md).
  update {
    max_parallel      = var.max_parallel
    stagger           = "30s"
    canary            = var.canary
    auto_promote      = var.canary > 0
    auto_revert       = var.canary > 0
    health_check      = "checks"
    min_healthy_time  = var.min_healthy_time
    healthy_deadline  = var.healthy_deadline
    progress_deadline = "10m"
  }

  group "nvl" {
    # For ever, and not in ever longer pauses: what is not read in time may be collected by Nomad.
    restart {
      mode     = "delay"
      attempts = 10
      interval = "5m"
      delay    = "5s"
    }

    network {
      port "metrics" {
        static = var.metrics_port
      }
    }

    # nvl is there, and it is well: nothing is quarantined or rolled back, no sink drops events (docs/operations.md). The
    # client asks on its own node, so that nobody else has to reach it.
    service {
      name     = "nvl"
      provider = "nomad"
      port     = "metrics"
      address  = "127.0.0.1"

      check {
        name     = "ready"
        type     = "http"
        path     = "/readyz"
        interval = "5s"
        timeout  = "5s"
      }

      check {
        name     = "well"
        type     = "http"
        path     = var.check
        interval = "5s"
        timeout  = "5s"
      }
    }

    # Templates that Vector refuses never get as far as nvl: this task fails, and the version with it.
    dynamic "task" {
      for_each = var.templates == "" ? [] : [var.templates]
      labels   = ["prove"]

      content {
        driver = "raw_exec"

        lifecycle {
          hook = "prestart"
        }

        config {
          command = var.nvl
          args = compact(concat(
            ["validate"],
            [var.config == "" ? "" : "--config=${var.config}"],
            ["--", var.vector],
            var.vector_args,
          ))
        }

        artifact {
          source      = task.value
          destination = "local/templates"
        }

        identity {
          env = true
        }

        env {
          NOMAD_ADDR        = var.nomad_addr == "" ? "unix://${NOMAD_SECRETS_DIR}/api.sock" : var.nomad_addr
          NOMAD_CACERT      = var.nomad_ca_cert
          NOMAD_CLIENT_CERT = var.nomad_client_cert
          NOMAD_CLIENT_KEY  = var.nomad_client_key
          NVL_ROOT          = var.root
          NVL_VECTOR_USER   = var.vector_user
          NVL_TEMPLATES     = "${NOMAD_TASK_DIR}/templates"
        }

        meta {
          nvl_enabled = "false"
        }

        resources {
          cpu    = 200
          memory = var.memory
        }
      }
    }

    # One task for both: nvl reloads and confirms the Vector that it started, and they come and go together.
    task "nvl" {
      # Only root may list Nomad's folder of allocations (mode 0711), and no isolation may stand between it and Vector.
      driver = "raw_exec"

      config {
        command = var.nvl
        args = compact(concat(
          ["run"],
          [var.config == "" ? "" : "--config=${var.config}"],
          ["--", var.vector],
          var.vector_args,
        ))
      }

      # raw_exec sends SIGINT by default.
      kill_signal = "SIGTERM"

      # Vector takes up to 60 s to deliver what it holds. A client allows 30 s unless its `max_kill_timeout` says more;
      # what is cut off is read again by the next start, since the sinks that nvl ships acknowledge what they delivered.
      # For slow sinks set both to 70s.
      kill_timeout = "30s"

      # The token that Nomad makes for this task, as NOMAD_TOKEN; acl-policy.hcl says what it must be allowed to.
      identity {
        env = true
      }

      dynamic "artifact" {
        for_each = var.templates == "" ? [] : [var.templates]

        content {
          source      = artifact.value
          destination = "local/templates"
        }
      }

      env {
        # The agent of this node and no other, over the socket in the task's own folder: no port, no TLS files. Where you give an
        # address, it has to be that of the same agent. Empty is not set.
        NOMAD_ADDR        = var.nomad_addr == "" ? "unix://${NOMAD_SECRETS_DIR}/api.sock" : var.nomad_addr
        NOMAD_CACERT      = var.nomad_ca_cert
        NOMAD_CLIENT_CERT = var.nomad_client_cert
        NOMAD_CLIENT_KEY  = var.nomad_client_key

        # Outside the allocation, whose folder is gone with the next version of this job: what was read would be read
        # again, and what was held back would be lost.
        NVL_ROOT = var.root

        # Vector reads what nvl shows it, and nothing else of the node: it needs no root.
        NVL_VECTOR_USER = var.vector_user

        NVL_TEMPLATES = var.templates == "" ? "" : "${NOMAD_TASK_DIR}/templates"

        # Where the check below the group finds it.
        NVL_METRICS_ADDRESS = "127.0.0.1:${NOMAD_PORT_metrics}"
      }

      # nvl leaves its own allocation out by itself; this leaves out those of its former versions, too.
      meta {
        nvl_enabled = "false"
      }

      # nvl's and Vector's own log.
      logs {
        max_files     = 3
        max_file_size = 10
      }

      resources {
        cpu    = 200
        memory = var.memory
      }
    }
  }
}
