# Counting and reporting for tests/run.sh.
total_passed=0
total_failed=0
skips=()
troubles=()

section() { printf '\n=== %s\n' "$1"; }

count_failure() { # WHAT
  total_failed=$((total_failed + 1))
  troubles+=("$1")
  echo "FAILED: $1"
}

skip() { # WHAT: REASON
  skips+=("$1")
  echo "skipped $1"
}

# Adds up what a command printed last in the form "N passed, N failed"; a bad end without a failure counted is one failure.
run() { # NAME COMMAND…
  local name=$1 output status counts
  shift
  section "$name"
  output=$work/output
  "$@" 2>&1 | tee "$output"
  status=${PIPESTATUS[0]}
  counts=$(grep -oE '[0-9]+ passed, [0-9]+ failed' "$output" | tail -1)
  add_counts "$name" "$status" "$counts"
  while read -r line; do skips+=("$name: ${line#skipped }"); done < <(grep '^skipped ' "$output")
}

run_dotnet_test() { # NAME PROJECT OPTION…
  local name=$1 project=$2 output status counts
  shift 2
  section "$name"
  output=$work/output
  dotnet test "$project" -c Release --no-build --nologo "$@" 2>&1 | tee "$output"
  status=${PIPESTATUS[0]}
  # "Passed!  - Failed:     0, Passed:   123, Skipped:     0, Total: …"
  counts=$(sed -nE 's/.*Failed: +([0-9]+), Passed: +([0-9]+), Skipped: +([0-9]+).*/\2 passed, \1 failed/p' "$output" | tail -1)
  add_counts "$name" "$status" "$counts"
}

add_counts() { # NAME STATUS COUNTS
  local passed=0 failed=0
  if [[ $3 =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=${BASH_REMATCH[1]}
    failed=${BASH_REMATCH[2]}
  fi
  total_passed=$((total_passed + passed))
  total_failed=$((total_failed + failed))
  [ "$failed" -eq 0 ] || troubles+=("$1: $failed failed")
  if [ "$failed" -eq 0 ] && { [ "$2" -ne 0 ] || [ "$passed" -eq 0 ]; }; then
    count_failure "$1 ended with status $2 after $passed passed"
  fi
}

report() {
  local line
  section "summary after $((SECONDS / 60)) min $((SECONDS % 60)) s"
  [ ${#skips[@]} -eq 0 ] || { echo "skipped:"; for line in "${skips[@]}"; do echo "  $line"; done; }
  [ ${#troubles[@]} -eq 0 ] || { echo "failed:"; for line in "${troubles[@]}"; do echo "  $line"; done; }
  echo "$total_passed passed, $total_failed failed"
  [ "$total_failed" -eq 0 ]
}
