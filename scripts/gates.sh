#!/usr/bin/env bash
# gates.sh [GATE…]: checks of the C++ sources beside the tests. Without arguments, all of them:
#   format  clang-format changes nothing
#   tidy    clang-tidy finds nothing in the layers of `tidy_layers`, which are all but those that include LibTorch's
#           headers, minutes a file. Other layers than these: TIDY_LAYERS='model gan' scripts/gates.sh tidy
#   asan    unit tests and past crashers of the layers that need no LibTorch, under the address, leak and
#           undefined-behaviour sanitizers
#   tsan    the same under the thread sanitizer
# asan-all, which is none of them by default, takes all unit tests: LibTorch's headers take ten minutes more to compile.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$root"

sources() { git ls-files 'include/*.h' 'src/*.h' 'src/*.cpp' 'src/*.cu' 'tests/*.h' 'tests/*.cpp'; }

format() { sources | xargs clang-format --dry-run --Werror; }

tidy_layers='base image face avatar draw draft evaluate estimate cli'
tidy() {
  cmake --preset tidy >/dev/null
  local layer
  for layer in ${TIDY_LAYERS:-$tidy_layers}; do git ls-files "src/$layer/*.cpp"; done |
    xargs -P "$(nproc)" -I {} clang-tidy -p build/tidy --quiet --warnings-as-errors='*' {} 2>/dev/null
}

# sanitized PRESET TARGET TESTS OPTIONS…: builds the target and runs the tests that match.
sanitized() {
  local folder=$root/build/$1
  [[ -f $folder/build.ninja ]] || cmake --preset "$1" >/dev/null
  quietly "$folder/build.log" cmake --build "$folder" --target "$2"
  ctest --preset "$1" -R "$3" "${@:4}" -L unit --no-tests=error -j "$(nproc)" --output-on-failure >"$folder/test.log" ||
    { tail -n 200 "$folder/test.log" >&2; return 1; }
  say "$1: $(grep 'tests passed' "$folder/test.log")"
}

plain='base|image|face|avatar|evaluate|draft'
asan() { sanitized asan unit_tests_plain "^($plain|fuzz)\." -E 'fuzz\.manifest'; }
tsan() { sanitized tsan unit_tests_plain "^($plain)\."; }
asan-all() { sanitized asan unit_tests "^($plain|model|gan|estimate|cli|fuzz)\."; }

gates=("$@")
((${#gates[@]})) || gates=(format tidy asan tsan)
lock_setup
setup_gates
unlock_setup
for gate in "${gates[@]}"; do
  case $gate in
    format | tidy | asan | tsan | asan-all) ;;
    *) echo "usage: scripts/gates.sh [format] [tidy] [asan] [tsan] [asan-all]" >&2; exit 2 ;;
  esac
  say "gate: $gate"
  "$gate" || { say "gate $gate failed"; exit 1; }
done
