#!/bin/sh
# Builds nvl-vrl.wasm into this folder, or into NVL_VRL_OUT, with its digest and a record of what it was built from. README.md says
# what it needs; `npm run check:vrl` holds the crate against the record.
#
# The paths that Rust writes into the texts of panics are replaced, so that nothing of the machine gets in. Whether the same sources, lock
# file and compiler give the same bytes in another folder has not been seen yet.
set -eu
cd "$(dirname "$0")"

PATH="$(pwd)/../node_modules/.bin:$PATH"
out=${NVL_VRL_OUT:-$(pwd)}
target=wasm32-unknown-unknown
cargo=${CARGO:-cargo}
rustc=${RUSTC:-rustc}
wasm_opt=${WASM_OPT:-wasm-opt}
export RUSTC="$rustc"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$(pwd)/target}"
export RUSTFLAGS="--remap-path-prefix=$(pwd)=/vrl --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo --remap-path-prefix=$CARGO_TARGET_DIR=/vrl/target"

# A compiler without the target's library, as Debian's, builds that library too. Its own switch for it is not for stable compilers.
if [ ! -d "$("$rustc" --print target-libdir --target "$target")" ]; then
  export RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld
  RUSTFLAGS="$RUSTFLAGS --remap-path-prefix=$("$rustc" --print sysroot)=/rust"
  set -- -Zbuild-std=std,panic_abort "$@"
fi

sources=$(node ../scripts/check-vrl.ts --sources)
"$cargo" build --locked --release --target "$target" "$@"
# The features are those that Rust takes for granted of this target, and Node 22 has.
"$wasm_opt" -Oz --enable-bulk-memory --enable-mutable-globals --enable-sign-ext --enable-nontrapping-float-to-int --enable-multivalue \
  --enable-reference-types "$CARGO_TARGET_DIR/$target/release/nvl_vrl.wasm" -o "$out/nvl-vrl.wasm"
cd "$out"
sha256sum nvl-vrl.wasm > nvl-vrl.wasm.sha256
cat nvl-vrl.wasm.sha256
{
  printf '# %s\n' "$("$rustc" --version)" "$("$wasm_opt" --version)"
  cat nvl-vrl.wasm.sha256
  printf '%s\n' "$sources"
} > nvl-vrl.sources.sha256
# Only what goes with a release needs them.
[ -n "${NVL_VRL_OUT:-}" ] || node ../scripts/vrl-licences.ts
