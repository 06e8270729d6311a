#!/usr/bin/env bash
# compare.sh WORK [CONFIG]: trains the comparators in WORK, runs them and the default bundle over the photos of `dev`, and writes
# the tables of docs/comparison.md. WORK is the folder of a training (docs/training.md); what is there already is
# not made again.
set -euo pipefail
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  echo "usage: scripts/compare.sh WORK [CONFIG]" >&2
  exit 2
fi
work=$(realpath -m "$1")
config=$(realpath -m "${2:-$(dirname "${BASH_SOURCE[0]}")/train/configs/comparison.toml}")
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

lock_setup
setup_training
build release swiftavatar
unlock_setup

"$root/scripts/train/run.sh" run comparison --config "$config" --work "$work"
