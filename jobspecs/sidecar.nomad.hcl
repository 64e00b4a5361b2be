# A service with an nvl of its own, which collects the service's logs and nothing else of the node. `nvl sidecar` adds this
# task to your own job (docs/modes.md says when that is right). It runs as it stands where `nvl` and `vector` are on the
# PATH of Nomad's clients:
#
#   nomad acl policy apply -namespace default -job sidecar nvl-sidecar jobspecs/sidecar-acl-policy.hcl    (where access control is on)
#   nomad job run jobspecs/sidecar.nomad.hcl
#   nomad alloc logs -job -task nvl sidecar
#
# Change the task `web`, and the sink: without templates of yours, Vector prints what it collects. nvl and Vector run as
# whom Nomad's client runs as, mostly root: the log files are root's.

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

variable "templates" {
  type        = string
  default     = ""
  description = "Where the task fetches a templates folder, such as git::https://git.example.org/logging.git//templates. Empty: the templates that come with nvl."
}

job "sidecar" {
  datacenters = ["*"]

  group "site" {
    task "web" {
      driver = "raw_exec"

      config {
        command = "/bin/sh"
        args    = ["-c", "while :; do echo \"192.168.29.76 - - [$(date +%d/%b/%Y\\ %H:%M:%S)] \\\"GET / HTTP/1.1\\\" 200 -\"; sleep 1; done"]
      }

      resources {
        cpu    = 50
        memory = 32
      }
    }

    task "nvl" {
      driver = "raw_exec"

      config {
        command = var.nvl
        args    = ["run", "--", var.vector]
      }

      # Before the service, so that it is there for the first line; and Nomad ends it after the service.
      lifecycle {
        hook    = "prestart"
        sidecar = true
      }

      # raw_exec sends SIGINT by default. Once told, nvl goes on until the service's last lines are delivered, for 20 s at
      # most (NVL_COLLECT_LINGER).
      kill_signal  = "SIGTERM"
      kill_timeout = "30s"

      # Nomad waits for so long before it tells nvl to end, so that nvl is up by then, however soon the other tasks were over.
      shutdown_delay = "3s"

      # For ever: a sidecar that fails would end the service.
      restart {
        mode     = "delay"
        attempts = 10
        interval = "5m"
        delay    = "5s"
      }

      # The token that Nomad makes for this task, as NOMAD_TOKEN; sidecar-acl-policy.hcl says what it must be allowed to.
      identity {
        env = true
      }

      env {
        NVL_COLLECT_GROUP_ONLY = "true"

        # The agent of this node and no other, over the socket in the task's own folder: no port, no TLS files.
        NOMAD_ADDR = "unix://${NOMAD_SECRETS_DIR}/api.sock"

        # Beside the logs, as nvl makes hard links to them. It goes when they go.
        NVL_ROOT = "${NOMAD_ALLOC_DIR}/nvl"

        # A finished task stays until it is read and delivered; Nomad does not wait for long.
        NVL_COLLECT_REMOVAL_DELAY = "1s"

        # Empty is not set.
        NVL_TEMPLATES = var.templates == "" ? "" : "${NOMAD_TASK_DIR}/templates"
      }

      dynamic "artifact" {
        for_each = var.templates == "" ? [] : [var.templates]
        content {
          source      = artifact.value
          destination = "local/templates"
          mode        = "dir"
        }
      }

      # An nvl of the whole node leaves this task out.
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
