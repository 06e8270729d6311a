#!/usr/bin/env bash
# run.sh run|status …: the training (docs/training.md). run.sh MODULE …: another of its programs, such as evaluation.agreement or photos.
# Works from any folder, with the Python that scripts/test.sh sets up.
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
module=swiftavatar_train
if [[ "${1:-}" == *.* || -f "$here/$module/${1:-}/__main__.py" && -n "${1:-}" ]]; then
  module+=".$1"
  shift
fi
PYTHONPATH="$here${PYTHONPATH:+:$PYTHONPATH}" exec "$here/../../.deps/venv/bin/python" -m "$module" "$@"
