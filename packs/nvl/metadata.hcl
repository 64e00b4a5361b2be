app {
  url = ""
}

pack {
  name        = "nvl"
  description = "Ships the logs of every task on every node: nvl, with the Vector that it starts, as a system job."
  version     = "0.1.0"
}
