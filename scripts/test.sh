#!/usr/bin/env bash
# test.sh [--heavy]: sets up what is missing, builds, and runs the tests; the last line counts them.
# --heavy runs the tests that take minutes, instead of the others.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

labels='unit|cli|python'
case ${1-} in
  '') ;;
  --heavy) labels=heavy ;;
  *) echo "usage: scripts/test.sh [--heavy]" >&2; exit 2 ;;
esac

lock_setup
setup_training
[[ $labels != heavy ]] || setup_ray
build dev all
unlock_setup

folder=$root/build/dev
results=$folder/test-results
rm -rf "$results"
mkdir -p "$results"
status=0
ctest --test-dir "$folder" -L "$labels" --output-on-failure --no-tests=error -j 2 --output-junit "$results/ctest.xml" || status=$?
"$venv/bin/python" "$root/scripts/count_tests.py" "$results" || status=1
exit $status
