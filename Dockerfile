# nvl with a Vector beside it:
#
#   docker build -t nvl .
#   docker run --rm --read-only nvl --version
#
# What needs no rights of a node (nvl tail, capture, test, review, pipe, render --allocations) runs as it stands: as a user
# without any, on a root file system that is read-only.
#
# The daemon needs Nomad's folder of allocations, which is root's alone. Beside a client whose `data_dir` is /opt/nomad/data:
#
#   docker run --read-only --tmpfs /tmp --network host --user 0 --security-opt no-new-privileges --cap-drop ALL \
#     --cap-add SETUID --cap-add SETGID --cap-add KILL --cap-add SYS_PTRACE --cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER \
#     -v /opt/nomad:/opt/nomad:rslave -e NVL_ROOT=/opt/nomad/nvl -e NVL_VECTOR_USER=vector --stop-timeout 75 nvl
#
# systemd/nvl.service says what each of these is for. One folder holds both Nomad's allocations and nvl's root, since a hard link
# cannot lead from one mount to another, and it is at the same place as on the node.

FROM node:24.21.0-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY bin bin
COPY lib lib
COPY scripts scripts
RUN npm run build

# What nvl loads at run time, by the same lock file, and nothing that only builds or tests it.
FROM node:24.21.0-trixie-slim AS libraries
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

# Vector's own image has what Vector and its sinks load: certificates of authorities, SASL, journalctl.
FROM timberio/vector:0.57.0-debian
RUN useradd --system --no-create-home vector
COPY --from=libraries /usr/local/bin/node /usr/local/bin/node
WORKDIR /opt/nvl
COPY --from=libraries /src/node_modules node_modules
COPY --from=build /src/dist dist
COPY vrl/nvl-vrl.wasm vrl/nvl-vrl.wasm.sha256 vrl/LICENSES.txt vrl/
COPY templates templates
COPY bin/nvl.js bin/nvl.js
COPY LICENSE package.json ./
RUN ln -s /opt/nvl/bin/nvl.js /usr/local/bin/nvl
WORKDIR /
USER 65532:65532
# Where Node or Vector cannot run here, no image comes of it.
RUN ["nvl", "validate", "--help"]
RUN ["vector", "--version"]
# Whether the daemon answers. That it is well is /health's to say, and /readyz's: what is red there no restart makes good.
HEALTHCHECK --interval=30s --timeout=5s --start-period=1m CMD ["node", "-e", "fetch(`http://${process.env.NVL_METRICS_ADDRESS ?? '127.0.0.1:4650'}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["nvl"]
CMD ["run", "--", "vector"]
