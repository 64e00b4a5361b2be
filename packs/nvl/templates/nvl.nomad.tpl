# The job of jobspecs/nvl.nomad.hcl, which says why it is as it is.

job [[ var "job_name" . | quote ]] {
  type        = "system"
  datacenters = [[ var "datacenters" . | toStringList ]]
  priority    = 90
  [[- if var "region" . ]]
  region      = [[ var "region" . | quote ]]
  [[- end ]]
  [[- if var "namespace" . ]]
  namespace   = [[ var "namespace" . | quote ]]
  [[- end ]]
  [[- if var "node_pool" . ]]
  node_pool   = [[ var "node_pool" . | quote ]]
  [[- end ]]

  constraint {
    attribute = "${attr.kernel.name}"
    value     = "linux"
  }

  update {
    max_parallel      = [[ var "max_parallel" . ]]
    stagger           = "30s"
    canary            = [[ var "canary" . ]]
    auto_promote      = [[ if var "canary" . ]]true[[ else ]]false[[ end ]]
    auto_revert       = [[ if var "canary" . ]]true[[ else ]]false[[ end ]]
    health_check      = "checks"
    min_healthy_time  = [[ var "min_healthy_time" . | quote ]]
    healthy_deadline  = [[ var "healthy_deadline" . | quote ]]
    progress_deadline = "10m"
  }

  group "nvl" {
    restart {
      mode     = "delay"
      attempts = 10
      interval = "5m"
      delay    = "5s"
    }

    network {
      port "metrics" {
        static = [[ var "metrics_port" . ]]
      }
    }

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
        path     = [[ var "check" . | quote ]]
        interval = "5s"
        timeout  = "5s"
      }
    }
    [[- if var "templates" . ]]

    task "prove" {
      driver = "raw_exec"

      lifecycle {
        hook = "prestart"
      }

      config {
        command = [[ var "nvl" . | quote ]]
        args = concat(
          ["validate"],
          [[- if var "config" . ]]
          ["--config=${ [[- var "config" . | quote -]] }"],
          [[- end ]]
          ["--", [[ var "vector" . | quote ]] ],
          [[ var "vector_args" . | toStringList ]],
        )
      }

      artifact {
        source      = [[ var "templates" . | quote ]]
        destination = "local/templates"
      }

      identity {
        env = true
      }

      env {
        NOMAD_ADDR        = [[ if var "nomad_addr" . ]][[ var "nomad_addr" . | quote ]][[ else ]]"unix://${NOMAD_SECRETS_DIR}/api.sock"[[ end ]]
        NOMAD_CACERT      = [[ var "nomad_ca_cert" . | quote ]]
        NOMAD_CLIENT_CERT = [[ var "nomad_client_cert" . | quote ]]
        NOMAD_CLIENT_KEY  = [[ var "nomad_client_key" . | quote ]]
        NVL_ROOT          = [[ var "root" . | quote ]]
        NVL_VECTOR_USER   = [[ var "vector_user" . | quote ]]
        NVL_TEMPLATES     = "${NOMAD_TASK_DIR}/templates"
      }

      meta {
        nvl_enabled = "false"
      }

      resources {
        cpu    = 200
        memory = [[ var "memory" . ]]
      }
    }
    [[- end ]]

    task "nvl" {
      driver       = "raw_exec"
      kill_signal  = "SIGTERM"
      kill_timeout = "30s"

      config {
        command = [[ var "nvl" . | quote ]]
        args = concat(
          ["run"],
          [[- if var "config" . ]]
          ["--config=${ [[- var "config" . | quote -]] }"],
          [[- end ]]
          ["--", [[ var "vector" . | quote ]] ],
          [[ var "vector_args" . | toStringList ]],
        )
      }
      [[- if var "templates" . ]]

      artifact {
        source      = [[ var "templates" . | quote ]]
        destination = "local/templates"
      }
      [[- end ]]

      identity {
        env = true
      }

      env {
        NOMAD_ADDR        = [[ if var "nomad_addr" . ]][[ var "nomad_addr" . | quote ]][[ else ]]"unix://${NOMAD_SECRETS_DIR}/api.sock"[[ end ]]
        NOMAD_CACERT      = [[ var "nomad_ca_cert" . | quote ]]
        NOMAD_CLIENT_CERT = [[ var "nomad_client_cert" . | quote ]]
        NOMAD_CLIENT_KEY  = [[ var "nomad_client_key" . | quote ]]
        NVL_ROOT          = [[ var "root" . | quote ]]
        NVL_VECTOR_USER   = [[ var "vector_user" . | quote ]]
        NVL_TEMPLATES     = "[[ if var "templates" . ]]${NOMAD_TASK_DIR}/templates[[ end ]]"

        NVL_METRICS_ADDRESS = "127.0.0.1:${NOMAD_PORT_metrics}"
      }

      meta {
        nvl_enabled = "false"
      }

      logs {
        max_files     = 3
        max_file_size = 10
      }

      resources {
        cpu    = 200
        memory = [[ var "memory" . ]]
      }
    }
  }
}
