# Sourced by the stages in script/test.d. A stage says what it counted, or leaves itself out.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

results="${SYNCLINE_RESULTS:-$root/build/results}"
stage="$(basename "$0")"
mkdir -p "$results"

# Ends a stage whose subject is not in the tree.
leave_out() { say "left out: $*"; exit 77; }

# counts PASSED FAILED [SKIPPED]: adds to this stage's result.
counts() { printf '%s %s %s\n' "$1" "$2" "${3:-0}" > "$results/$stage${4:+-$4}.counts"; }

# Runs the tests of a built preset and counts their cases: ctest_stage native-debug [ctest options]
ctest_stage() {
  local preset="$1" status=0 found
  shift
  rm -rf "build/$preset/test-results" "build/$preset/ctest.xml"
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$jobs" \
    --test-output-size-passed 1000000 --test-output-size-failed 1000000 \
    --output-junit "$root/build/$preset/ctest.xml" "$@" || status=$?
  if [ -f "build/$preset/ctest.xml" ]; then
    found="$(python3 script/lib/counts.py ctest "build/$preset/ctest.xml" "build/$preset/test-results")"
    # shellcheck disable=SC2086
    counts $found
  fi
  return "$status"
}
