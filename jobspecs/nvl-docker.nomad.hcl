# The same as nvl.nomad.hcl, for clients on which nothing may run by raw_exec: nvl and its Vector in one container of the image
# that the Dockerfile makes. It still reads the node's log files, so it is root in the container, with seven capabilities.
#
#   docker build -t registry.example.com/nvl:0.1.0 .
#   nomad acl policy apply -namespace default -job nvl nvl jobspecs/acl-policy.hcl    (where access control is on)
#   nomad job run -var=image=registry.example.com/nvl:0.1.0 jobspecs/nvl-docker.nomad.hcl
#
# The client's configuration has to allow the driver what it does not by default: to mount a folder of the node, and SYS_PTRACE,
# by which nvl knows its Vector again:
#
#   plugin "docker" {
#     config {
#       volumes { enabled = true }
#       allow_caps = ["chown", "dac_override", "fowner", "kill", "setgid", "setuid", "sys_ptrace"]
#     }
#   }
#
# It was planned by a real Nomad, and not run: where nvl is made there is no docker. The image's folders and rights were run
# otherwise (docs/operations.md, "In a container").

variable "image" {
  type        = string
  description = "The image, with nvl and Vector in it."
}

variable "vector_args" {
  type        = list(string)
  default     = []
  description = "Vector's own arguments, such as [\"-c\", \"/etc/vector/team.toml\"] for your sinks; mount what they name with `mounts`."
}

variable "vector_user" {
  type        = string
  default     = "vector"
  description = "The user of the image that Vector runs as."
}

variable "nomad_dir" {
  type        = string
  default     = "/opt/nomad"
  description = "A folder of the node that holds both the client's data_dir and `root`. It is mounted as one, at the same place: a hard link cannot lead from one mount to another."
}

variable "root" {
  type        = string
  default     = "/opt/nomad/nvl"
  description = "The folder below nomad_dir for the generated configuration, the links, and what nvl and Vector remember."
}

variable "mounts" {
  type        = list(string)
  default     = ["/etc/nvl"]
  description = "Folders of the node that nvl and Vector read, each at the same place: they have to be there. /etc/nvl has nvl's configuration."
}

variable "memory" {
  type        = number
  default     = 512
  description = "MB for nvl and Vector; nvl.nomad.hcl says what they took."
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
    # For ever, and not in ever longer pauses: what is not read in time may be collected by Nomad.
    restart {
      mode     = "delay"
      attempts = 10
      interval = "5m"
      delay    = "5s"
    }

    task "nvl" {
      driver = "docker"

      # Only root may list Nomad's folder of allocations (mode 0711). Vector is `vector_user`.
      user = "0"

      config {
        image = var.image
        args  = concat(["run", "--", "vector"], var.vector_args)

        # The sinks' network, and /metrics at the node's own address.
        network_mode    = "host"
        readonly_rootfs = true
        security_opt    = ["no-new-privileges"]

        # systemd/nvl.service says what each of these is for.
        cap_drop = ["all"]
        cap_add  = ["chown", "dac_override", "fowner", "kill", "setgid", "setuid", "sys_ptrace"]

        mount {
          type   = "bind"
          source = var.nomad_dir
          target = var.nomad_dir

          # What Nomad mounts below it later is seen, too.
          bind_options {
            propagation = "rslave"
          }
        }

        volumes = [for folder in var.mounts : "${folder}:${folder}:ro"]

        mount {
          type   = "tmpfs"
          target = "/tmp"
        }
      }

      # Vector takes up to 60 s to deliver what it holds. A client allows 30 s unless its `max_kill_timeout` says more.
      kill_timeout = "30s"

      # The token that Nomad makes for this task, as NOMAD_TOKEN; acl-policy.hcl says what it must be allowed to.
      identity {
        env = true
      }

      env {
        # The agent of this node and no other: Nomad mounts the folder of its socket into the container, too.
        NOMAD_ADDR = "unix://${NOMAD_SECRETS_DIR}/api.sock"

        NVL_ROOT        = var.root
        NVL_VECTOR_USER = var.vector_user
      }

      # nvl leaves its own allocation out by itself; this leaves out those of its former versions, too.
      meta {
        nvl_enabled = "false"
      }

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
