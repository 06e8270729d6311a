#!/usr/bin/env bash
# gates.sh [GATE…]: checks of the C++ sources beside the tests. Without arguments, all of them:
#   format  clang-format changes nothing
#   tidy    clang-tidy finds nothing in the sources that were changed last, as many as TIDY_SECONDS (300) allow, those
#           with LibTorch's headers, which take a minute each, last; `TIDY_SECONDS=0` takes the time that all need
#   asan    unit tests and past crashers of the layers that need no LibTorch, under the address, leak and
#           undefined-behaviour sanitizers
#   tsan    the same under the thread sanitizer
# asan-all, which is none of them by default, takes all unit tests: LibTorch's headers take ten minutes more to compile.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$root"

sources() { git ls-files 'include/*.h' 'src/*.h' 'src/*.cpp' 'src/*.cu' 'tests/*.h' 'tests/*.cpp'; }

# The sources of src, the last changed first; what is not committed comes before.
last_changed() {
  { git diff --name-only HEAD -- src; git log --name-only --format= -- src; git ls-files src; } |
    awk '/\.cpp$/ && !seen[$0]++ { if (/^src.(model|gan)/) late[++n] = $0; else print }
         END { for (i = 1; i <= n; ++i) print late[i] }' |
    while read -r file; do [[ ! -f $file ]] || printf '%s\n' "$file"; done
}

format() { sources | xargs clang-format --dry-run --Werror; }

tidy() {
  cmake --preset tidy >/dev/null
  local seconds=${TIDY_SECONDS:-300} log=$root/build/tidy/tidy.log status=0
  # 124 and 137 are the time limit's.
  last_changed | timeout $((seconds ? seconds : 36000)) \
    xargs -P "$(nproc)" -I {} sh -c 'clang-tidy -p build/tidy --quiet --warnings-as-errors="*" "$1" 2>/dev/null &&
      echo "$1: ok" || { echo "$1: findings"; exit 1; }' - {} >"$log" || status=$?
  local checked all
  checked=$(grep -c ': ok$' "$log" || true)
  all=$(last_changed | wc -l)
  say "clang-tidy: nothing found in $checked of $all sources, the last changed first"
  if grep -q ': findings$' "$log"; then
    grep -v ': ok$' "$log" >&2
    return 1
  fi
  ((status == 0 || status == 124 || status == 137)) && ((checked > 0))
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
