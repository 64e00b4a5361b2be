/** Accepts everything, says that it has started and reloaded, and ends when it is told to. */
export const TINY_VECTOR = `#!/bin/sh
case " $* " in *" --version "*) echo "vector 0.57.0 (tiny)"; exit 0;; *" validate "*) exit 0;; esac
say() { echo "2026-11-23T03:26:53.626211Z  INFO vector: $1" >&2; }
sleep 36000 & idle=$!
trap 'say "Vector has reloaded. path=[]"' HUP
trap 'kill $idle; exit 0' TERM
say "Vector has started. version=0.57.0"
while :; do wait $idle; done
`;
