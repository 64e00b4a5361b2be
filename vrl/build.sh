#!/bin/sh
# Builds nvl-vrl.wasm and its digest into this folder. README.md says what it needs.
#
# The same sources, lock file and compiler give the same bytes wherever they lie: the paths that Rust writes into the texts of panics are
# replaced, and nothing else of the machine gets in.
set -eu
cd "$(dirname "$0")"

target=wasm32-unknown-unknown
cargo=${CARGO:-cargo}
rustc=${RUSTC:-rustc}
export RUSTC="$rustc"
export RUSTFLAGS="--remap-path-prefix=$(pwd)=/vrl --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"

# A compiler without the target's library, as Debian's, builds that library too. Its own switch for it is not for stable compilers.
if [ ! -d "$("$rustc" --print target-libdir --target "$target")" ]; then
  export RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld
  RUSTFLAGS="$RUSTFLAGS --remap-path-prefix=$("$rustc" --print sysroot)=/rust"
  set -- -Zbuild-std=std,panic_abort "$@"
fi

"$cargo" build --locked --release --target "$target" "$@"
cp "${CARGO_TARGET_DIR:-target}/$target/release/nvl_vrl.wasm" nvl-vrl.wasm
sha256sum nvl-vrl.wasm > nvl-vrl.wasm.sha256
cat nvl-vrl.wasm.sha256
node ../scripts/vrl-licences.ts
