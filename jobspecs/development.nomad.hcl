# For trying nvl out: one group with a service that logs, and nvl beside it, which prints what it collects. What a line
# looks like on its way in and on its way out:
#
#   nomad job run jobspecs/development.nomad.hcl
#   nomad alloc logs -job -task web development
#   nomad alloc logs -job -task nvl development

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

job "development" {
  datacenters = ["*"]

  group "development" {
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

    # No sink is set up, so Vector has the default one: the console, as JSON.
    task "nvl" {
      driver      = "raw_exec"
      kill_signal = "SIGTERM"

      config {
        command = var.nvl
        args    = ["run", "--", var.vector]
      }

      # Without this, each printed line would be collected and printed again, and longer each time.
      meta {
        nvl_enabled = "false"
      }

      identity {
        env = true
      }

      env {
        NOMAD_ADDR = "unix://${NOMAD_SECRETS_DIR}/api.sock"

        # The service is of nvl's own allocation, which is left out otherwise.
        NVL_COLLECT_SELF = "true"

        # Good enough for a trial: the next version of the job starts with nothing remembered.
        NVL_ROOT = "${NOMAD_ALLOC_DIR}/data/nvl"
      }

      resources {
        cpu    = 200
        memory = 256
      }
    }
  }
}
