#!/usr/bin/env bash
# bench_onnx.sh PHOTO [OPTION…]: the default bundle's estimator in this program (release build) and in onnxruntime, by turns
# (`swiftavatar_train.bench.onnx`, whose options it takes).
set -euo pipefail
if [ $# -lt 1 ]; then
  echo "usage: scripts/bench_onnx.sh PHOTO [OPTION…]" >&2
  exit 2
fi
photo=$(realpath -m "$1")
shift
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

lock_setup
setup_training
onnx=(onnx==1.23.2 onnxruntime==1.32.0 'numpy<2.3')
once onnx "${onnx[*]}" pip_install "${onnx[@]}"
build release swiftavatar
unlock_setup

cd "$root/scripts/train"
exec "$venv/bin/python" -W ignore -m swiftavatar_train.bench.onnx "$root/build/release/bin/swiftavatar" "$photo" "$@"
