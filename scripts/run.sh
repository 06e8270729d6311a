#!/usr/bin/env bash
# run.sh ARGS…: sets up what is missing, builds, and runs `swiftavatar ARGS…`.
# SWIFTAVATAR_PRESET chooses the build: release, or cuda (the default where there are nvcc and an NVIDIA GPU).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

default_preset() {
  if [[ -e /dev/nvidiactl ]] && command -v nvcc >/dev/null; then echo cuda; else echo release; fi
}
preset=${SWIFTAVATAR_PRESET:-$(default_preset)}

lock_setup
if [[ $preset == cuda ]]; then setup_cuda; else setup_runtime; fi
build "$preset" swiftavatar
unlock_setup
exec "$root/build/$preset/bin/swiftavatar" "$@"
